/** Gather, scatterAdd and topK. */

import { sizeOf, type Shape } from '@patchslim/tensor';
import type { Tfjs, TfTensor } from '../tfjs.js';
import type { Computes } from './compute.js';

export const indexing: Computes<'gather' | 'scatterAdd' | 'topK'> = {
  gather(tf, [x, indices], { axis, batchDims }, { shape }) {
    if (batchDims === 0) return tf.gather(x!, indices!, axis);
    // The WASM kernel uses the first row of indices for every batch element.
    const { rows, width } = inRows(x!.shape, axis);
    const picked = tf.gather(tf.reshape(x!, [rows, width]), rowNumbers(tf, x!, indices!, axis, batchDims));
    return tf.reshape(picked, [...shape]);
  },

  scatterAdd(tf, [base, indices, updates], { axis, batchDims }) {
    const { rows, width } = inRows(base!.shape, axis);
    const places = rowNumbers(tf, base!, indices!, axis, batchDims);
    const picks = places.size;
    const added = tf.scatterND(tf.reshape(places, [picks, 1]), tf.reshape(updates!, [picks, width]), [
      rows,
      width,
    ]);
    return tf.add(base!, tf.reshape(added, base!.shape));
  },

  topK: (tf, [x], { k }) => tf.topk(x!, k, true).indices,
};

/** Shape of a tensor as a matrix: axes up to and including `axis` form the rows, later axes the columns. */
function inRows(shape: Shape, axis: number): { rows: number; width: number } {
  return { rows: sizeOf(shape.slice(0, axis + 1)), width: sizeOf(shape.slice(axis + 1)) };
}

/** Row numbers in that matrix of all indices, for every position before `axis`. */
function rowNumbers(tf: Tfjs, x: TfTensor, indices: TfTensor, axis: number, batchDims: 0 | 1): TfTensor {
  const outer = sizeOf(x.shape.slice(0, axis));
  const batch = batchDims === 1 ? x.shape[0] : 1;
  const starts = Int32Array.from({ length: outer }, (_, i) => i * x.shape[axis]!);
  const picks = indices.size / batch;
  const sums = tf.add(
    tf.reshape(indices, [batch, 1, picks]),
    tf.tensor(starts, [batch, outer / batch, 1], 'int32'),
  );
  return tf.reshape(sums, [outer * picks]);
}
