/** Element-wise ops: nearly all map to one tfjs op. */

import type { ElementwiseName } from '@patchslim/tensor';
import type { Computes } from './compute.js';

export const elementwise: Computes<ElementwiseName> = {
  neg: (tf, [x]) => tf.neg(x!),
  exp: (tf, [x]) => tf.exp(x!),
  // WebGPU allows a GPU to treat zero as a tiny number.
  log: (tf, [x]) => tf.where(tf.equal(x!, 0), tf.fill(x!.shape, -Infinity), tf.log(x!)),
  sqrt: (tf, [x]) => tf.sqrt(x!),
  rsqrt: (tf, [x]) => tf.rsqrt(x!),
  abs: (tf, [x]) => tf.abs(x!),
  erf: (tf, [x]) => tf.erf(x!),
  tanh: (tf, [x]) => tf.tanh(x!),
  sigmoid: (tf, [x]) => tf.sigmoid(x!),
  add: (tf, [a, b]) => tf.add(a!, b!),
  sub: (tf, [a, b]) => tf.sub(a!, b!),
  mul: (tf, [a, b]) => tf.mul(a!, b!),
  div: (tf, [a, b]) => tf.div(a!, b!),
  maximum: (tf, [a, b]) => tf.maximum(a!, b!),
  minimum: (tf, [a, b]) => tf.minimum(a!, b!),
  pow: (tf, [a, b]) => tf.pow(a!, b!),
  greater: (tf, [a, b]) => tf.greater(a!, b!),
  equal: (tf, [a, b]) => tf.equal(a!, b!),
  where(tf, [condition, a, b], _, { dtype }) {
    if (dtype !== 'bool') return tf.where(condition!, a!, b!);
    // The WASM kernel assumes four bytes per value, and writes beyond the end of bool tensors.
    const [x, y] = [tf.cast(a!, 'int32'), tf.cast(b!, 'int32')];
    return tf.cast(tf.where(condition!, x, y), 'bool');
  },
};
