/**
 * Keeps the tokens that the class token attends to most, and squeezes each other token into the most similar kept one
 * (TPS, arXiv 2304.10716). A destination becomes `(e · x_j + Σ exp(c_ij) x_i) / (e + Σ exp(c_ij))`, with `c` the
 * cosines of the tokens after the attention.
 */

import { classAttention } from '@patchslim/importance-estimators';
import {
  broadcastTo,
  exp,
  float32,
  max,
  normalize,
  reshape,
  scatterAdd,
  slice,
  sub,
  type Tensor,
} from '@patchslim/tensor';
import { prefixTokens, type BlockView } from '@patchslim/vit-models';
import { shareAtQuarters } from '../counts.js';
import { defineReducer } from '../define-reducer.js';
import { countsByScore, setsByScore, type Bipartition } from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { pairRows, unsizedRows } from '../parts/merged-rows.js';
import { rowsOf } from '../parts/view.js';

const attended = classAttention.create({});

/** `e` for a row that is kept, `exp(cosine)` for one that is merged: `[B, n, 1]`. @param cosine `[B, sources]` */
function weightsOf(cosine: Tensor, { dealt }: Bipartition, view: BlockView): Tensor {
  const [batch, sources] = cosine.shape as [number, number];
  const rows = rowsOf(view);
  const e = broadcastTo(cosine.backend.constant(float32([1, 1], [Math.E])), [batch, rows]);
  const merged = slice(dealt(), [0, 0], [-1, sources]);
  return reshape(scatterAdd(e, merged, sub(exp(cosine), Math.E), 1, 1), [batch, rows, 1]);
}

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
      const merge = mergePairs(sets, fit, fit.shape[1]!);
      return unsizedRows(pairRows(merge, weightsOf(max(fit, -1), sets, view)), view);
    },
    macs: (config, rowsIn, rowsOut) =>
      attended.macs(config, rowsIn) +
      pairMacs(countsByScore(config, rowsOut, rowsIn), { metric: config.width, channels: config.width + 1 }),
  }),
});
