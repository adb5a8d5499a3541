/**
 * Merges pairs of tokens, image by image, as many in each (bipartite matching, arXiv 2210.09461 §3). `B` batch, `n` rows,
 * `r` of them merged away, `C` channels.
 */

import {
  add,
  argMax,
  cast,
  concat,
  div,
  gather,
  matMul,
  max,
  mul,
  neg,
  oneHot,
  range,
  slice,
  topK,
  type Backend,
  type Tensor,
} from '@patchslim/tensor';
import { rowPicker, type RowPicker } from './row-picker.js';

/** The rows around a merge: those of the prefix tokens, which it does not touch, and the others, dealt alternately. */
export interface Sides {
  readonly prefix: RowPicker;
  /** Rows that others may be merged into: the first, the third, … */
  readonly hosts: RowPicker;
  /** Rows that may be merged away: the second, the fourth, … */
  readonly guests: RowPicker;
}

/** @param prefix rows of the prefix tokens */
export function dealRows(backend: Backend, rows: number, prefix: readonly number[]): Sides {
  const all = range(rows);
  const others = all.filter((row) => !prefix.includes(row));
  const pick = (wanted: readonly number[]) => rowPicker(backend, all, wanted);
  return {
    prefix: pick(prefix),
    hosts: pick(others.filter((_, i) => i % 2 === 0)),
    guests: pick(others.filter((_, i) => i % 2 === 1)),
  };
}

/** What `[B, n, C]` becomes, `[B, n − r, C]`: prefix, guests that stay in their order, hosts. */
export interface Merge {
  /** Of the rows that are merged, the mean by weights `[B, n, 1]`. */
  means(x: Tensor, weights: Tensor): Tensor;
  /** Of the rows that are merged, the sum. */
  sums(x: Tensor): Tensor;
  /** Of the rows that are merged, the host. */
  hosts(x: Tensor): Tensor;
}

/**
 * Every guest turns to the host that it fits best, and the `r` of them that fit best are merged. Among equals the first
 * host, and the first guest.
 * @param fit `[B, guests, hosts]`
 */
export function mergePairs(sides: Sides, fit: Tensor, r: number): Merge {
  const [, guests, hosts] = fit.shape as [number, number, number];
  const order = topK(max(fit, -1), guests);
  const leaving = slice(order, [0, 0], [-1, r]);
  const staying = r < guests ? ascending(slice(order, [0, r], [-1, -1])) : undefined;
  const targets = oneHot(gather(argMax(fit, -1), leaving, 1, 1), hosts);
  const joined = (x: Tensor, last: Tensor): Tensor => {
    const others = staying ? [gather(sides.guests(x), staying, 1, 1)] : [];
    return concat([sides.prefix(x), ...others, last], 1);
  };
  const sumsOf = (x: Tensor): Tensor =>
    add(sides.hosts(x), matMul(targets, gather(sides.guests(x), leaving, 1, 1), { transposeA: true }));
  return {
    means: (x, weights) => joined(x, div(sumsOf(mul(x, weights)), sumsOf(weights))),
    sums: (x) => joined(x, sumsOf(x)),
    hosts: (x) => joined(x, sides.hosts(x)),
  };
}

/** Each row of int32 `[B, k]`, sorted. */
function ascending(indices: Tensor): Tensor {
  return gather(indices, topK(neg(cast(indices, 'float32')), indices.shape[1]!), 1, 1);
}
