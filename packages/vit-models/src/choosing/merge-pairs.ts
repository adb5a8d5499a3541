/**
 * Merges pairs of tokens, image by image, as many in each (bipartite matching, arXiv 2210.09461 §3). `B` batch, `n` rows,
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
  range,
  slice,
  topK,
  type Backend,
  type MergeWeights,
  type Tensor,
} from '@patchslim/tensor';
import { rowPicker, type RowPicker } from '../row-picker.js';

/** The rows around a merge. */
export interface Sides {
  /** Rows that it does not touch: the prefix tokens first. */
  readonly others: RowPicker;
  /** Rows that others may be merged into. */
  readonly hosts: RowPicker;
  /** Rows that may be merged away. */
  readonly guests: RowPicker;
}

/**
 * Deals the rows behind the prefix alternately: the first, the third, … are hosts.
 * @param prefix rows of the prefix tokens
 */
export function dealRows(backend: Backend, rows: number, prefix: readonly number[]): Sides {
  const all = range(rows);
  const others = all.filter((row) => !prefix.includes(row));
  const pick = (wanted: readonly number[]) => rowPicker(backend, all, wanted);
  return {
    others: pick(prefix),
    hosts: pick(others.filter((_, i) => i % 2 === 0)),
    guests: pick(others.filter((_, i) => i % 2 === 1)),
  };
}

/** Rows by their index in each image, int32 `[B, k]`. */
export const pickEach =
  (indices: Tensor): RowPicker =>
  (x) =>
    gather(x, indices, 1, 1);

/** Weights `[B, n, 1]` of both sides. */
export const weightsOf = ({ hosts, guests }: Sides, weights: Tensor): MergeWeights => {
  return { hosts: hosts(weights), guests: guests(weights) };
};

/** What `[B, n, C]` becomes, `[B, n − r, C]`: others, guests that stay in their order, hosts. */
export interface Merge {
  /** Of the rows that are merged, the mean. */
  readonly means: (x: Tensor, weights: MergeWeights) => Tensor;
  /** Of the rows that are merged, the sum. */
  readonly sums: RowPicker;
  /** Of the rows that are merged, the host. */
  readonly hosts: RowPicker;
  /** Guests that stay, ascending, int32 `[B, guests − r]`; none where all are merged. */
  readonly staying: Tensor | undefined;
}

/**
 * Every guest turns to the host that it fits best, and the `r` of them that fit best are merged. Among equals the first
 * host, and the first guest.
 * @param fit `[B, guests, hosts]`
 */
export function mergePairs(sides: Sides, fit: Tensor, r: number): Merge {
  const [, guests, hosts] = fit.shape as [number, number, number];
  const order = topK(max(fit, -1), guests);
  const leaving = pickEach(slice(order, [0, 0], [-1, r]));
  const staying = r < guests ? ascending(slice(order, [0, r], [-1, -1])) : undefined;
  const targets = oneHot(leaving(argMax(fit, -1)), hosts);
  const joined = (x: Tensor, last: Tensor): Tensor =>
    concat([sides.others(x), ...(staying ? [pickEach(staying)(sides.guests(x))] : []), last], 1);
  const merged = (x: Tensor, weights?: MergeWeights): Tensor =>
    mergeRows(sides.hosts(x), leaving(sides.guests(x)), targets, weights);
  return {
    means: (x, { hosts, guests }) => joined(x, merged(x, { hosts, guests: leaving(guests) })),
    sums: (x) => joined(x, merged(x)),
    hosts: (x) => joined(x, sides.hosts(x)),
    staying,
  };
}

/**
 * Multiply-accumulates of finding pairs by products of `metric` channels, and of summing what goes together: rows of
 * `channels`, weights and sizes with them.
 */
export function pairMacs(
  { guests, hosts, r }: { readonly guests: number; readonly hosts: number; readonly r: number },
  { metric, channels }: { readonly metric: number; readonly channels: number },
): number {
  return guests * hosts * metric + r * hosts * channels;
}

/** Each row of int32 `[B, k]`, sorted. */
export function ascending(indices: Tensor): Tensor {
  return gather(indices, topK(neg(cast(indices, 'float32')), indices.shape[1]!), 1, 1);
}
