/**
 * Merges within the largest clusters of tokens only, and protects all others (PiToMe, arXiv 2405.16148). The energy of a
 * token says how many others are like it: `E_i = mean_j f(cos(k_i, k_j) − margin)` over the patches, with `f(x) = x` for
 * `x ≥ 0` and `exp(x) − 1` below (ELU), and `k` the keys averaged over the heads. The `2r` of largest energy are dealt
 * alternately into guests and hosts.
 */

import {
  concat,
  exp,
  greater,
  matMul,
  mean,
  minimum,
  range,
  slice,
  sub,
  topK,
  where,
  type Tensor,
} from '@patchslim/tensor';
import { prefixRows, rowsOf, type BlockView } from '../choosing/block-view.js';
import type { Choice } from '../choosing/choice.js';
import { cosines, headWidth, meanKeys } from '../choosing/cosines.js';
import { ascending, mergePairs, pairMacs, pickEach, type Sides } from '../choosing/merge-pairs.js';
import { leastOfPairs, pairRowsBySize } from '../choosing/merged-rows.js';
import { prefixTokens } from '../configs.js';
import { rowPicker } from '../row-picker.js';

export const pitome = (margin: number): Choice => ({
  behindAttention: true,
  seesAttention: false,
  least: leastOfPairs,
  problem: () => (Math.abs(margin) <= 1 ? undefined : `merges with the margin ${margin}; expected -1 to 1`),
  rows: (view, count) => {
    const r = rowsOf(view) - count;
    const keys = meanKeys(view);
    const sides = clusterSides(view, keys, margin, r);
    return pairRowsBySize(mergePairs(sides, cosines(keys, sides), r), sides, view);
  },
  macs: (config, rowsIn, rowsOut) => {
    const patches = rowsIn - prefixTokens(config);
    const r = rowsIn - rowsOut;
    const metric = headWidth(config);
    return (
      patches ** 2 * metric + pairMacs({ guests: r, hosts: r, r }, { metric, channels: config.width + 2 })
    );
  },
});

/** The `2r` patches of largest energy: the first, the third, … are guests. */
function clusterSides(view: BlockView, keys: Tensor, margin: number, r: number): Sides {
  const { backend } = view.tokens;
  const all = range(rowsOf(view));
  const prefix = prefixRows(view);
  const patches = rowPicker(
    backend,
    all,
    all.filter((row) => !prefix.includes(row)),
  );
  const ofPrefix = rowPicker(backend, all, prefix);
  const count = all.length - prefix.length;
  const order = topK(energies(patches(keys), margin), count);
  const dealt = (first: number) => {
    const rows = rowPicker(
      backend,
      range(count),
      range(r).map((i) => 2 * i + first),
    );
    return pickEach(rows(order));
  };
  const [guests, hosts] = [dealt(0), dealt(1)];
  const protectedRows = 2 * r < count ? pickEach(ascending(slice(order, [0, 2 * r], [-1, -1]))) : undefined;
  return {
    others: (x) => concat([ofPrefix(x), ...(protectedRows ? [protectedRows(patches(x))] : [])], 1),
    guests: (x) => guests(patches(x)),
    hosts: (x) => hosts(patches(x)),
  };
}

/** `[B, patches]`. */
function energies(keys: Tensor, margin: number): Tensor {
  const above = sub(matMul(keys, keys, { transposeB: true }), margin);
  // The exponential of what is above the margin is not read.
  const below = sub(exp(minimum(above, 0)), 1);
  return mean(where(greater(above, 0), above, below), -1);
}
