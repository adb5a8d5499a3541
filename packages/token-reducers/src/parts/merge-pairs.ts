/**
 * Merges pairs of tokens, the same number in every image (bipartite matching, arXiv 2210.09461 §3). `B` images, `n`
 * rows, `r` of them merged away, `C` channels.
 */

import {
  argMax,
  broadcastTo,
  cast,
  float32,
  gather,
  max,
  mergeRows,
  neg,
  range,
  scatterAdd,
  slice,
  topK,
  type MergedColumns,
  type Tensor,
} from '@patchslim/tensor';
import type { RowPicker } from '@patchslim/vit-models';
import type { Bipartition, PairCounts } from './bipartition.js';
import { pickEach } from './pick-each.js';
import { lookUp } from './top-rows.js';

/**
 * Turns `[B, n, C]` into `[B, n − r, C]`: first the other rows, then the remaining sources in their order, then the
 * destinations.
 */
export interface Merge {
  /** Merged rows become their mean, weighted by `[B, n, 1]`; with sizes, their sums are one more channel. */
  readonly means: (x: Tensor, columns: MergedColumns) => Tensor;
  /** Merged rows become their sum. */
  readonly sums: RowPicker;
  /** Merged rows become the destination. */
  readonly destinations: RowPicker;
  /** Sources that stay, ascending, int32 `[B, sources − r]`. */
  readonly staying: () => Tensor;
}

/**
 * Each source picks its best destination, and the `r` sources with the best fit are merged. Ties: the first
 * destination, and the first source.
 * @param fit `[B, sources, destinations]`
 */
export function mergePairs(sets: Bipartition, fit: Tensor, r: number): Merge {
  const [, sources, destinations] = fit.shape as [number, number, number];
  const leaving = topK(max(fit, -1), r);
  const targets = gather(argMax(fit, -1), leaving, 1, 1);
  const dealt = sets.dealt();
  const others = dealt.shape.at(-1)! - sources - destinations;
  const sorted = sortedBehind(leaving, { sources, others, destinations });
  const order = dealt.shape.length === 1 ? lookUp(dealt, sorted) : gather(dealt, sorted, 1, 1);
  const merging = { order, targets, destinations };
  return {
    means: (x, columns) => mergeRows(x, merging, columns),
    sums: (x) => mergeRows(x, merging),
    destinations: (x) => pickEach(slice(order, [0, 0], [-1, order.shape[1]! - r]))(x),
    staying: () => slice(sorted, [0, others], [-1, sources - r]),
  };
}

/**
 * Sorts rows that are dealt as sources, others, destinations: the others, the sources that stay, the destinations, and the
 * sources that leave, each in their order.
 * @param leaving sources, int32 `[B, r]`
 * @returns int32 `[B, sources + others + destinations]`
 */
function sortedBehind(
  leaving: Tensor,
  { sources, others, destinations }: { readonly [set in 'sources' | 'others' | 'destinations']: number },
): Tensor {
  const { backend } = leaving;
  const [batch, r] = leaving.shape as [number, number];
  const count = sources + others + destinations;
  const rank = (row: number) => (row < sources ? 1 : row < sources + others ? 2 : 0);
  const keys = range(count).map((row) => count * (rank(row) + 1) - row);
  // The fall is below all other keys, and steeper than the keys of sources differ.
  const falls = range(r).map((place) => -4 * count * (place + 1));
  const constant = (values: readonly number[]) =>
    broadcastTo(backend.constant(float32([1, values.length], values)), [batch, values.length]);
  return topK(scatterAdd(constant(keys), leaving, constant(falls), 1, 1), count);
}

/**
 * Multiply-accumulates for finding pairs by products of `metric` channels and for summing them: rows of `channels`,
 * with their weights and sizes.
 */
export function pairMacs(
  { sources, destinations, r }: PairCounts,
  { metric, channels }: { readonly metric: number; readonly channels: number },
): number {
  return sources * destinations * metric + r * destinations * channels;
}

/** Sorts each row of int32 `[B, k]`. */
export function ascending(indices: Tensor): Tensor {
  return gather(indices, topK(neg(cast(indices, 'float32')), indices.shape[1]!), 1, 1);
}
