/**
 * Of the tokens, sorted by what the class token attends to, `kept` go on; the last of these are merged into their most
 * similar (DiffRate, arXiv 2305.17997, with numbers that are given; it learns them). Similarity is the cosine of the tokens
 * behind the attention; means are by size.
 */

import { normalize } from '@patchslim/tensor';
import type { Choice } from '../choosing/choice.js';
import { cosines } from '../choosing/cosines.js';
import { mergePairs, pairMacs } from '../choosing/merge-pairs.js';
import { mergedRows, pairRowsBySize } from '../choosing/merged-rows.js';
import { classAttentionMacs } from '../choosing/ranked-rows.js';
import { countsByScore, hostsAlone, sidesByScore } from '../choosing/sides-by-score.js';
import { prefixTokens } from '../configs.js';
import { meanClassAttention } from '../rankers/class-attention.js';

/** @param kept tokens that are not dropped, prefix tokens included */
export const diffrate = (kept: number): Choice => ({
  behindAttention: true,
  seesAttention: false,
  least: (config) => prefixTokens(config) + 1,
  problem: (_, rowsIn, rowsOut) =>
    Number.isInteger(kept) && kept >= rowsOut && kept <= rowsIn
      ? undefined
      : `keeps ${kept} tokens before it merges; expected ${rowsOut} to ${rowsIn}`,
  rows: (view, count) => {
    const sides = sidesByScore(meanClassAttention(view), count, kept, view);
    if (kept === count) return mergedRows(hostsAlone(sides), view);
    const merge = mergePairs(sides, cosines(normalize(view.rows), sides), kept - count);
    return pairRowsBySize(merge, sides, view);
  },
  macs: (config, rowsIn, rowsOut) =>
    classAttentionMacs(config, rowsIn) +
    pairMacs(countsByScore(config, rowsOut, kept), { metric: config.width, channels: config.width + 2 }),
});
