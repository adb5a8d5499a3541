/**
 * Merges only within the largest clusters of tokens and protects all others (PiToMe, arXiv 2405.16148). The energy of
 * a token measures how many others are similar: `E_i = mean_j f(cos(k_i, k_j) − margin)` over the patches, with
 * `f(x) = x` for `x ≥ 0` and `exp(x) − 1` below (ELU), and `k` the keys averaged over the heads. The `2r` patches
 * with the largest energy become sources and destinations, alternately.
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
import { prefixRows, prefixTokens, rowPicker, type BlockView } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import { leastOfPairs, setsOf, type Bipartition } from '../parts/bipartition.js';
import { cosines, meanKeys } from '../parts/cosines.js';
import { ascending, mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { pairRowsBySize } from '../parts/merged-rows.js';
import { pickEach } from '../parts/pick-each.js';
import { headWidth, rowsOf } from '../parts/view.js';

export const pitome = defineReducer({
  name: 'pitome',
  summary: 'merges similar tokens within the largest clusters only (PiToMe)',
  options: { margin: z.number() },
  // The margin falls with depth, because tokens become more similar: 0.9 · (1 − l / L).
  optionsAt: ({ block, config }) => ({ margin: Number((0.9 * (1 - block / config.depth)).toFixed(4)) }),
  fewBlocks: true,
  behaviour: ({ margin }) => ({
    phase: 'after-attention',
    needsAttention: false,
    merges: true,
    least: leastOfPairs,
    problem: () => (Math.abs(margin) <= 1 ? undefined : `merges with the margin ${margin}; expected -1 to 1`),
    reduce: (view, count) => {
      const r = rowsOf(view) - count;
      const keys = meanKeys(view);
      const sets = clusterSets(view, keys, margin, r);
      return pairRowsBySize(mergePairs(sets, cosines(keys, sets), r), view);
    },
    macs: (config, rowsIn, rowsOut) => {
      const patches = rowsIn - prefixTokens(config);
      const r = rowsIn - rowsOut;
      const metric = headWidth(config);
      return (
        patches ** 2 * metric +
        pairMacs({ sources: r, destinations: r, r }, { metric, channels: config.width + 2 })
      );
    },
  }),
});

/** The `2r` patches with the largest energy: the first, the third, … are sources. */
function clusterSets(view: BlockView, keys: Tensor, margin: number, r: number): Bipartition {
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
  const everySecond = (first: number) => {
    const rows = rowPicker(
      backend,
      range(count),
      range(r).map((i) => 2 * i + first),
    );
    return pickEach(rows(order));
  };
  const [sources, destinations] = [everySecond(0), everySecond(1)];
  const protectedRows = 2 * r < count ? pickEach(ascending(slice(order, [0, 2 * r], [-1, -1]))) : undefined;
  const sets = {
    others: (x: Tensor) => concat([ofPrefix(x), ...(protectedRows ? [protectedRows(patches(x))] : [])], 1),
    sources: (x: Tensor) => sources(patches(x)),
    destinations: (x: Tensor) => destinations(patches(x)),
  };
  return setsOf(sets, view);
}

/** `[B, patches]`. */
function energies(keys: Tensor, margin: number): Tensor {
  const above = sub(matMul(keys, keys, { transposeB: true }), margin);
  // The exponential of values above the margin is not used.
  const below = sub(exp(minimum(above, 0)), 1);
  return mean(where(greater(above, 0), above, below), -1);
}
