/**
 * Merges pairs of tokens, the same number in every image (bipartite matching, arXiv 2210.09461 §3). `B` batch, `n` rows,
 * `r` of them merged away, `C` channels.
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

/** Turns `[B, n, C]` into `[B, n − r, C]`: others, then the sources that stay, in their order, then destinations. */
export interface Merge {
  /** Where rows are merged, their mean. */
  readonly means: (x: Tensor, weights: PairWeights) => Tensor;
  /** Where rows are merged, their sum. */
  readonly sums: RowPicker;
  /** Where rows are merged, the destination. */
  readonly destinations: RowPicker;
  /** Sources that stay, ascending, int32 `[B, sources − r]`; none where all are merged. */
  readonly staying: Tensor | undefined;
}

/**
 * Every source looks for the destination that it fits best, and the `r` sources that fit best are merged. Among equals the
 * first destination, and the first source.
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
 * Multiply-accumulates of finding pairs by products of `metric` channels, and of summing what goes together: rows of
 * `channels`, weights and sizes with them.
 */
export function pairMacs(
  { sources, destinations, r }: PairCounts,
  { metric, channels }: { readonly metric: number; readonly channels: number },
): number {
  return sources * destinations * metric + r * destinations * channels;
}

/** Each row of int32 `[B, k]`, sorted. */
export function ascending(indices: Tensor): Tensor {
  return gather(indices, topK(neg(cast(indices, 'float32')), indices.shape[1]!), 1, 1);
}
