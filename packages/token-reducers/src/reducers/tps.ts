/**
 * Keeps the tokens that the class token attends to most, and squeezes each other token into the most similar kept one
 * (TPS, arXiv 2304.10716). A destination becomes `(e · x_j + Σ exp(c_ij) x_i) / (e + Σ exp(c_ij))`, with `c` the
 * cosines of the tokens after the attention.
 */

import { classAttention } from '@patchslim/importance-estimators';
import { broadcastTo, exp, float32, max, normalize } from '@patchslim/tensor';
import { prefixTokens } from '@patchslim/vit-models';
import { shareAtQuarters } from '../counts.js';
import { defineReducer } from '../define-reducer.js';
import { countsByScore, setsByScore } from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { pairRows, unsizedRows } from '../parts/merged-rows.js';
import { rowsOf } from '../parts/view.js';

const attended = classAttention.create({});

export const tps = defineReducer({
  name: 'tps',
  summary:
    'keeps the tokens that the class token attends to most, merges each other one into the most similar of them (TPS)',
  countsOf: (config) => shareAtQuarters(config, 0.7, 0),
  behaviour: () => ({
    phase: 'after-attention',
    needsAttention: false,
    merges: true,
    least: (config) => prefixTokens(config) + 1,
    reduce: (view, count) => {
      const sets = setsByScore(attended.scores(view, count), count, rowsOf(view), view);
      const fit = cosines(normalize(view.rows), sets);
      const [batch, sources, destinations] = fit.shape as [number, number, number];
      const e = broadcastTo(fit.backend.constant(float32([1, 1, 1], [Math.E])), [batch, destinations, 1]);
      const weights = { destinations: e, sources: exp(max(fit, -1, { keepDims: true })) };
      return unsizedRows(pairRows(mergePairs(sets, fit, sources), weights), view);
    },
    macs: (config, rowsIn, rowsOut) =>
      attended.macs(config, rowsIn) +
      pairMacs(countsByScore(config, rowsOut, rowsIn), { metric: config.width, channels: config.width + 1 }),
  }),
});
