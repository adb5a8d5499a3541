/** The rows of each image after a merge. */

import { broadcastTo, concat, float32, type Backend, type Tensor } from '@patchslim/tensor';
import { positionsTensor, type BlockRows, type BlockView, type RowPicker } from '@patchslim/vit-models';
import type { Bipartition } from './bipartition.js';
import { weightsOf, type Merge, type PairWeights } from './merge-pairs.js';

/** A merge as functions over rows. */
export interface MergedRows {
  readonly means: RowPicker;
  readonly sums: RowPicker;
  /** The destination among the rows that become one. The merged row has its position. */
  readonly destinations: RowPicker;
}

/** Rows with their sizes from here on; attention to a row is proportional to its size. */
export function mergedRows({ means, sums, destinations }: MergedRows, view: BlockView): BlockRows {
  return { ...unsizedRows({ means, sums, destinations }, view), sizes: sums(sizesOf(view)) };
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

/** Pairs merged to weighted means. */
export const pairRows = (merge: Merge, weights: PairWeights): MergedRows => {
  return { ...merge, means: (x) => merge.means(x, weights) };
};

/** Pairs merged to means weighted by size. */
export const pairRowsBySize = (merge: Merge, sets: Bipartition, view: BlockView): BlockRows =>
  mergedRows(pairRows(merge, weightsOf(sets, sizesOf(view))), view);

/** Sizes `[B, n, 1]`; all one if nothing was merged before. */
export function sizesOf({ tokens: { backend, shape }, sizes }: BlockView): Tensor {
  return sizes ?? ones(backend, shape[0]!, shape[1]!);
}

/** `[B, n, 1]`. */
const ones = (backend: Backend, batch: number, rows: number): Tensor =>
  broadcastTo(backend.constant(float32([1, 1, 1], [1])), [batch, rows, 1]);
