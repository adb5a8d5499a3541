/** The rows of each image after a merge. */

import {
  broadcastTo,
  concat,
  float32,
  mul,
  normalize,
  sqrt,
  sum,
  type Backend,
  type Tensor,
} from '@patchslim/tensor';
import { positionsTensor, type BlockRows, type BlockView, type RowPicker } from '@patchslim/vit-models';
import type { Bipartition } from './bipartition.js';
import { weightsOf, type Merge, type PairWeights } from './merge-pairs.js';

/** A merge as functions over rows. */
export interface MergedRows {
  readonly means: RowPicker;
  /** How tokens become rows, where that is not their mean. */
  readonly tokens?: RowPicker | undefined;
  readonly sums: RowPicker;
  /** The destination among the rows that become one. The merged row has its position. */
  readonly destinations: RowPicker;
}

/** Rows with their sizes from here on; attention to a row is proportional to its size. */
export function mergedRows(merge: MergedRows, view: BlockView): BlockRows {
  return { ...unsizedRows(merge, view), sizes: merge.sums(sizesOf(view)) };
}

/** Rows with the size of their destination: the merge does not add up sizes. */
export function unsizedRows({ means, tokens, sums, destinations }: MergedRows, view: BlockView): BlockRows {
  const { backend, shape } = view.tokens;
  const positions = destinations(positionsTensor(backend, view.positions, shape[0]!));
  return {
    rows: means,
    ...(tokens && { tokens }),
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

/**
 * Rows as long as their members were, in the weighted mean: the mean of vectors in different directions is shorter, and each later
 * branch would turn it further than it would have turned them.
 */
export const withNorms = (rows: MergedRows): MergedRows => {
  return { ...rows, tokens: (x) => mul(normalize(rows.means(x)), rows.means(lengths(x))) };
};

/** Lengths of rows: `[B, n, 1]`. */
const lengths = (x: Tensor): Tensor => sqrt(sum(mul(x, x), -1, { keepDims: true }));

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
