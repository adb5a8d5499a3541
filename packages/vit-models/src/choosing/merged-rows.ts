/** What is left of the rows of each image when some of them are merged. */

import { broadcastTo, float32, type Backend, type MergeWeights, type Tensor } from '@patchslim/tensor';
import { prefixTokens, type VitConfig } from '../configs.js';
import type { RowPicker } from '../row-picker.js';
import { positionsTensor } from '../token-state.js';
import { prefixRows, rowsOf, type BlockRows, type BlockView } from './block-view.js';
import { dealRows, weightsOf, type Merge, type Sides } from './merge-pairs.js';

/** What a merge makes of rows. */
export interface MergedRows {
  readonly means: RowPicker;
  readonly sums: RowPicker;
  /** Of the rows that become one, that by whose position it goes. */
  readonly hosts: RowPicker;
}

/** Rows that know their sizes from there on, which gives them their share of attention. */
export function mergedRows({ means, sums, hosts }: MergedRows, view: BlockView): BlockRows {
  return { ...unsizedRows({ means, sums, hosts }, view), sizes: sums(sizesOf(view)) };
}

/** Rows that count in attention as one each, whatever is in them. */
export function unsizedRows({ means, sums, hosts }: MergedRows, view: BlockView): BlockRows {
  const { backend, shape } = view.tokens;
  const positions = hosts(positionsTensor(backend, view.positions, shape[0]!));
  return {
    rows: means,
    sums,
    mixes: true,
    positions,
    sizes: view.sizes && hosts(view.sizes),
    output: positions,
  };
}

/** Pairs merged to means by weights. */
export const pairRows = (merge: Merge, weights: MergeWeights): MergedRows => {
  return { ...merge, means: (x) => merge.means(x, weights) };
};

/** Pairs merged to means by size. */
export const pairRowsBySize = (merge: Merge, sides: Sides, view: BlockView): BlockRows =>
  mergedRows(pairRows(merge, weightsOf(sides, sizesOf(view))), view);

/** `[B, n, 1]`; one each where nothing was merged before. */
export function sizesOf({ tokens: { backend, shape }, sizes }: BlockView): Tensor {
  return sizes ?? ones(backend, shape[0]!, shape[1]!);
}

/** `[B, n, 1]`. */
export const ones = (backend: Backend, batch: number, rows: number): Tensor =>
  broadcastTo(backend.constant(float32([1, 1, 1], [1])), [batch, rows, 1]);

/** The patches, dealt alternately. */
export const dealtSides = (view: BlockView): Sides =>
  dealRows(view.tokens.backend, rowsOf(view), prefixRows(view));

/** How many guests and hosts there are among dealt rows. */
export function dealtCounts(config: VitConfig, rowsIn: number, rowsOut: number) {
  const patches = rowsIn - prefixTokens(config);
  const guests = Math.floor(patches / 2);
  return { guests, hosts: patches - guests, r: rowsIn - rowsOut };
}

/** Half of the patches can be merged at most. */
export const leastOfPairs = (config: VitConfig, rowsIn: number): number =>
  rowsIn - Math.floor((rowsIn - prefixTokens(config)) / 2);
