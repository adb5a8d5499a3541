/** The rows of each image after a merge. */

import {
  broadcastTo,
  concat,
  div,
  float32,
  mul,
  normalize,
  slice,
  sum,
  type Backend,
  type Tensor,
} from '@patchslim/tensor';
import { positionsTensor, type BlockRows, type BlockView, type RowPicker } from '@patchslim/vit-models';
import type { Bipartition } from './bipartition.js';
import type { Merge } from './merge-pairs.js';

/** A merge as functions over rows. */
export interface MergedRows {
  readonly means: RowPicker;
  readonly sums: RowPicker;
  /** The destination among the rows that become one. The merged row has its position. */
  readonly destinations: RowPicker;
}

/** Rows with their sizes from here on; attention to a row is proportional to its size. */
export function mergedRows(merge: MergedRows, view: BlockView): BlockRows {
  return { ...unsizedRows(merge, view), sizes: merge.sums(sizesOf(view)) };
}

/** Rows with the size of their destination: the merge does not add up sizes. */
export function unsizedRows({ means, sums, destinations }: MergedRows, view: BlockView): BlockRows {
  const { backend, shape } = view.tokens;
  const positions = destinations(positionsTensor(backend, view.positions, shape[0]!));
  return {
    rows: means,
    sums,
    mixes: true,
    positions,
    sizes: view.sizes && destinations(view.sizes),
    output: positions,
  };
}

/** The rows without the sources, which are dropped. */
export function withoutSources({ others, destinations }: Bipartition): MergedRows {
  const rows: RowPicker = (x) => concat([others(x), destinations(x)], 1);
  return { means: rows, sums: rows, destinations: rows };
}

/** Pairs merged to means, weighted by `[B, n, 1]`. */
export const pairRows = (merge: Merge, weights: Tensor): MergedRows => {
  return { ...merge, means: (x) => merge.means(x, { weights }) };
};

/** Pairs merged to means, weighted by `[B, n, 1]`, with their sizes: rows and sizes are merged in one step. */
export function sizedPairs(merge: Merge, weights: Tensor, view: BlockView): BlockRows {
  const channels = view.rows.shape[2]!;
  const merged = merge.means(view.rows, { weights, sizes: sizesOf(view) });
  return {
    ...unsizedRows(pairRows(merge, weights), view),
    tokens: slice(merged, [0, 0, 0], [-1, -1, channels]),
    sizes: slice(merged, [0, 0, channels], [-1, -1, 1]),
  };
}

/**
 * As `sizedPairs`, but a merged row has the weighted mean of its members' lengths. The mean of vectors in different directions is
 * shorter, and each later branch would turn it further than it would have turned them. The direction of a sum is
 * that of the mean, so only the length is divided by the weights.
 *
 * @param directions the rows of the view with length 1: `[B, n, D]`
 */
export function sizedPairsOfLength(
  merge: Merge,
  weights: Tensor,
  directions: Tensor,
  view: BlockView,
): BlockRows {
  const { rows } = view;
  const channels = rows.shape[2]!;
  const weighted = mul(rows, weights);
  const lengths = sum(mul(weighted, directions), -1, { keepDims: true });
  const sums = merge.sums(concat([weighted, lengths, weights, sizesOf(view)], 2));
  const part = (from: number, count: number) => slice(sums, [0, 0, from], [-1, -1, count]);
  const length = div(part(channels, 1), part(channels + 1, 1));
  return {
    ...unsizedRows(pairRows(merge, weights), view),
    tokens: mul(normalize(part(0, channels)), length),
    sizes: part(channels + 2, 1),
  };
}

/** Pairs merged to means weighted by size. */
export const pairRowsBySize = (merge: Merge, view: BlockView): BlockRows =>
  sizedPairs(merge, sizesOf(view), view);

/** Sizes `[B, n, 1]`; all one if nothing was merged before. */
export function sizesOf({ tokens: { backend, shape }, sizes }: BlockView): Tensor {
  return sizes ?? ones(backend, shape[0]!, shape[1]!);
}

/** `[B, n, 1]`. */
const ones = (backend: Backend, batch: number, rows: number): Tensor =>
  broadcastTo(backend.constant(float32([1, 1, 1], [1])), [batch, rows, 1]);
