/** Matrix products. */

import { sizeOf, type Shape } from '@patchslim/tensor';
import type { Tfjs, TfTensor } from '../tfjs.js';
import type { Computes } from './compute.js';

export const matrix: Computes<'matMul' | 'linear'> = {
  matMul(tf, [a, b], { transposeA, transposeB }, { shape }) {
    const batch = shape.slice(0, -2);
    return tf.matMul(withBatch(tf, a!, batch), withBatch(tf, b!, batch), transposeA, transposeB);
  },

  /** One product of two matrices, with the bias added in the same pass. */
  linear(tf, [x, weight, bias], _, { shape }) {
    const a = tf.reshape(x!, [sizeOf(x!.shape.slice(0, -1)), weight!.shape[0]]);
    return tf.reshape(tf.fused.matMul({ a, b: weight!, ...(bias && { bias }) }), [...shape]);
  },
};

/** tfjs multiplies a batch by one matrix or by a batch of the same shape; other operands must be repeated first. */
function withBatch(tf: Tfjs, x: TfTensor, batch: Shape): TfTensor {
  const own = x.shape.slice(0, -2);
  if (sizeOf(own) === 1 || own.join() === batch.join()) return x;
  return tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
}
