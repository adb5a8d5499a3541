/**
 * Of the tokens, sorted by what the class token attends to, `kept` go on; the last of these are merged into their most
 * similar (DiffRate, arXiv 2305.17997, with numbers that are given; it learns them). Similarity is the cosine of the tokens
 * behind the attention; means are by size.
 */

import { normalize } from '@patchslim/tensor';
import { prefixTokens } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import { countsByScore, setsByScore } from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { mergedRows, pairRowsBySize, withoutSources } from '../parts/merged-rows.js';
import { classAttentionMacs } from '../parts/view.js';
import { meanClassAttention } from '../scores/class-attention.js';

/** @param kept tokens that are not dropped, prefix tokens included */
export const diffrate = defineReducer('diffrate', { kept: z.int().check(z.nonnegative()) }, ({ kept }) => ({
  phase: 'after-attention',
  needsAttention: false,
  merges: true,
  least: (config) => prefixTokens(config) + 1,
  problem: (_, rowsIn, rowsOut) =>
    Number.isInteger(kept) && kept >= rowsOut && kept <= rowsIn
      ? undefined
      : `keeps ${kept} tokens before it merges; expected ${rowsOut} to ${rowsIn}`,
  reduce: (view, count) => {
    const sets = setsByScore(meanClassAttention(view), count, kept, view);
    if (kept === count) return mergedRows(withoutSources(sets), view);
    const merge = mergePairs(sets, cosines(normalize(view.rows), sets), kept - count);
    return pairRowsBySize(merge, sets, view);
  },
  macs: (config, rowsIn, rowsOut) =>
    classAttentionMacs(config, rowsIn) +
    pairMacs(countsByScore(config, rowsOut, kept), { metric: config.width, channels: config.width + 2 }),
}));
