/** The rows of each image with the largest scores. */

import {
  add,
  concat,
  float32,
  gather,
  int32,
  mul,
  reshape,
  slice,
  sum,
  Tensor,
  topK,
} from '@patchslim/tensor';
import { prefixRows, type BlockRows, type BlockView } from '@patchslim/vit-models';
import { pickEach } from './pick-each.js';
import { rowsOf } from './view.js';

/**
 * The prefix tokens and the rows with the largest scores, `count` in total. Ties: the first row.
 * @param scores `[B, n_in]`
 */
export function topRows(scores: Tensor, count: number, view: BlockView): BlockRows {
  return pickedRows(topK(prefixFirst(scores, view), count), view);
}

/** The same with one row less; the last row is then the sum of the other rows, weighted by their scores. */
export function topRowsAndFused(scores: Tensor, count: number, view: BlockView): BlockRows {
  const order = topK(prefixFirst(scores, view), rowsOf(view));
  const best = pickEach(slice(order, [0, 0], [-1, count - 1]));
  const others = pickEach(slice(order, [0, count - 1], [-1, -1]));
  const weights = reshape(others(scores), [scores.shape[0]!, rowsOf(view) - count + 1, 1]);
  const last = (x: Tensor) => sum(x, 1, { keepDims: true });
  return {
    // The fused row has the position of the best row in it.
    ...pickedRows(slice(order, [0, 0], [-1, count]), view),
    rows: (x) => concat([best(x), last(mul(others(x), weights))], 1),
    sums: (x) => concat([best(x), last(others(x))], 1),
    mixes: true,
  };
}

/** Scores that rank the prefix tokens above all others, the class token first. */
export function prefixFirst(scores: Tensor, view: BlockView): Tensor {
  const lift = new Float32Array(rowsOf(view));
  const prefix = prefixRows(view);
  for (const [i, row] of prefix.entries()) lift[row] = 3e38 - (i / prefix.length) * 1e38;
  return add(scores, scores.backend.constant(float32([1, lift.length], lift)));
}

/** @param picked int32 `[B, n_out]` */
function pickedRows(picked: Tensor, { positions, sizes }: BlockView): BlockRows {
  const rows = pickEach(picked);
  const kept =
    positions instanceof Tensor
      ? rows(positions)
      : lookUp(picked.backend.constant(int32([positions.length], positions)), picked);
  return { rows, sums: rows, mixes: false, positions: kept, sizes: sizes && rows(sizes), output: kept };
}

/** Entries of a table `[n]` at indices `[B, k]`: `[B, k]`. */
export function lookUp(table: Tensor, indices: Tensor): Tensor {
  const flat = reshape(indices, [indices.shape[0]! * indices.shape[1]!]);
  return reshape(gather(table, flat, 0), indices.shape);
}
