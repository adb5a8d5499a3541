/**
 * Squeezes tokens into their most similar kept one (TPS, arXiv 2304.10716): kept are those that the class token attends to
 * most. A host becomes `(e · x_j + Σ exp(c_ij) x_i) / (e + Σ exp(c_ij))`, with `c` the cosines of the tokens behind the
 * attention.
 */

import { broadcastTo, exp, float32, max, normalize } from '@patchslim/tensor';
import { rowsOf } from '../choosing/block-view.js';
import type { Choice } from '../choosing/choice.js';
import { cosines } from '../choosing/cosines.js';
import { mergePairs, pairMacs } from '../choosing/merge-pairs.js';
import { pairRows, unsizedRows } from '../choosing/merged-rows.js';
import { classAttentionMacs } from '../choosing/ranked-rows.js';
import { countsByScore, sidesByScore } from '../choosing/sides-by-score.js';
import { prefixTokens } from '../configs.js';
import { meanClassAttention } from '../rankers/class-attention.js';

export const tps: Choice = {
  behindAttention: true,
  seesAttention: false,
  least: (config) => prefixTokens(config) + 1,
  rows: (view, count) => {
    const sides = sidesByScore(meanClassAttention(view), count, rowsOf(view), view);
    const fit = cosines(normalize(view.rows), sides);
    const [batch, guests, hosts] = fit.shape as [number, number, number];
    const e = broadcastTo(fit.backend.constant(float32([1, 1, 1], [Math.E])), [batch, hosts, 1]);
    const weights = { hosts: e, guests: exp(max(fit, -1, { keepDims: true })) };
    return unsizedRows(pairRows(mergePairs(sides, fit, guests), weights), view);
  },
  macs: (config, rowsIn, rowsOut) =>
    classAttentionMacs(config, rowsIn) +
    pairMacs(countsByScore(config, rowsOut, rowsIn), { metric: config.width, channels: config.width + 1 }),
};
