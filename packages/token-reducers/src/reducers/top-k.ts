/**
 * Keeps the prefix tokens and the rows of each image with the largest scores. Drops the rest; or, with `fuse`, the
 * last row is the sum of the rest, weighted by the scores (EViT, arXiv 2202.07800).
 */

import { createScore, scoreSchema } from '@patchslim/importance-estimators';
import { prefixTokens } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import { topRows, topRowsAndFused } from '../parts/top-rows.js';

export const topK = defineReducer({
  name: 'top-k',
  summary: 'keeps the tokens with the largest scores; drops the rest, or fuses it into one token',
  options: { score: scoreSchema, rest: z.optional(z.literal('fuse')) },
  behaviour: ({ score, rest }) => {
    const { needsAttention, scores, globalClassAttention, problem, macs } = createScore(score);
    const fuses = rest === 'fuse';
    return {
      phase: fuses || needsAttention ? 'after-attention' : 'before-queries',
      needsAttention,
      merges: fuses,
      least: (config, rowsIn) => {
        const prefix = prefixTokens(config);
        return prefix + (fuses && rowsIn > prefix ? 1 : 0);
      },
      ...(problem ? { problem } : {}),
      reduce: (view, count) => {
        const given = scores(view, count);
        const rows = (fuses ? topRowsAndFused : topRows)(given, count, view);
        return globalClassAttention
          ? { ...rows, globalClassAttention: rows.sums(globalClassAttention(view)) }
          : rows;
      },
      macs,
    };
  },
});
