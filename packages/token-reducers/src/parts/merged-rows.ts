/** The rows of each image when some of them are merged. */

import { broadcastTo, concat, float32, type Backend, type Tensor } from '@patchslim/tensor';
import { positionsTensor, type BlockRows, type BlockView, type RowPicker } from '@patchslim/vit-models';
import type { Bipartition } from './bipartition.js';
import { weightsOf, type Merge, type PairWeights } from './merge-pairs.js';

/** A merge as functions over rows. */
export interface MergedRows {
  readonly means: RowPicker;
  readonly sums: RowPicker;
  /** Of the rows that become one, the destination: the merged row has its position. */
  readonly destinations: RowPicker;
}

/** Rows that know their sizes from there on, which gives them their share of attention. */
export function mergedRows({ means, sums, destinations }: MergedRows, view: BlockView): BlockRows {
  return { ...unsizedRows({ means, sums, destinations }, view), sizes: sums(sizesOf(view)) };
}

/** Rows that count in attention as one each, however many tokens are in them. */
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

/** The rows without the sources, which leave the network. */
export function withoutSources({ others, destinations }: Bipartition): MergedRows {
  const rows: RowPicker = (x) => concat([others(x), destinations(x)], 1);
  return { means: rows, sums: rows, destinations: rows };
}

/** Pairs merged to means by weights. */
export const pairRows = (merge: Merge, weights: PairWeights): MergedRows => {
  return { ...merge, means: (x) => merge.means(x, weights) };
};

/** Pairs merged to means by size. */
export const pairRowsBySize = (merge: Merge, sets: Bipartition, view: BlockView): BlockRows =>
  mergedRows(pairRows(merge, weightsOf(sets, sizesOf(view))), view);

/** `[B, n, 1]`; one each where nothing was merged before. */
export function sizesOf({ tokens: { backend, shape }, sizes }: BlockView): Tensor {
  return sizes ?? ones(backend, shape[0]!, shape[1]!);
}

/** `[B, n, 1]`. */
const ones = (backend: Backend, batch: number, rows: number): Tensor =>
  broadcastTo(backend.constant(float32([1, 1, 1], [1])), [batch, rows, 1]);
