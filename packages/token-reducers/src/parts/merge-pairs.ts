/**
 * Merges pairs of tokens, the same number in every image (bipartite matching, arXiv 2210.09461 §3). `B` images, `n`
 * rows, `r` of them merged away, `C` channels.
 */

import {
  argMax,
  cast,
  concat,
  gather,
  max,
  mergeRows,
  neg,
  oneHot,
  slice,
  topK,
  type Tensor,
} from '@patchslim/tensor';
import type { RowPicker } from '@patchslim/vit-models';
import type { Bipartition, PairCounts } from './bipartition.js';
import { pickEach } from './pick-each.js';

/** Weights of a mean, `[B, sources, 1]` and `[B, destinations, 1]`. */
export interface PairWeights {
  readonly sources: Tensor;
  readonly destinations: Tensor;
}

/** Weights `[B, n, 1]` of both sets. */
export const weightsOf = ({ destinations, sources }: Bipartition, weights: Tensor): PairWeights => {
  return { destinations: destinations(weights), sources: sources(weights) };
};

/**
 * Turns `[B, n, C]` into `[B, n − r, C]`: first the other rows, then the remaining sources in their order, then the
 * destinations.
 */
export interface Merge {
  /** Merged rows become their mean. */
  readonly means: (x: Tensor, weights: PairWeights) => Tensor;
  /** Merged rows become their sum. */
  readonly sums: RowPicker;
  /** Merged rows become the destination. */
  readonly destinations: RowPicker;
  /** Sources that stay, ascending, int32 `[B, sources − r]`; undefined if all are merged. */
  readonly staying: Tensor | undefined;
}

/**
 * Each source picks its best destination, and the `r` sources with the best fit are merged. Ties: the first
 * destination, and the first source.
 * @param fit `[B, sources, destinations]`
 */
export function mergePairs(sets: Bipartition, fit: Tensor, r: number): Merge {
  const [, sources, destinations] = fit.shape as [number, number, number];
  const order = topK(max(fit, -1), sources);
  const leaving = pickEach(slice(order, [0, 0], [-1, r]));
  const staying = r < sources ? ascending(slice(order, [0, r], [-1, -1])) : undefined;
  const targets = oneHot(leaving(argMax(fit, -1)), destinations);
  const joined = (x: Tensor, last: Tensor): Tensor =>
    concat([sets.others(x), ...(staying ? [pickEach(staying)(sets.sources(x))] : []), last], 1);
  const merged = (x: Tensor, weights?: PairWeights): Tensor =>
    mergeRows(
      sets.destinations(x),
      leaving(sets.sources(x)),
      targets,
      weights && { destinations: weights.destinations, sources: leaving(weights.sources) },
    );
  return {
    means: (x, weights) => joined(x, merged(x, weights)),
    sums: (x) => joined(x, merged(x)),
    destinations: (x) => joined(x, sets.destinations(x)),
    staying,
  };
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
