/** Merges similar tokens after the attention (ToMe, arXiv 2210.09461). */

import { prefixTokens, tokenCount } from '@patchslim/vit-models';
import { constantCounts } from '../counts.js';
import { defineReducer } from '../define-reducer.js';
import { alternateCounts, alternateSets, leastOfPairs } from '../parts/bipartition.js';
import { cosines, meanKeys } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { pairRowsBySize } from '../parts/merged-rows.js';
import { headWidth, rowsOf } from '../parts/view.js';

export const tome = defineReducer({
  name: 'tome',
  summary: 'merges the most similar tokens of every block (ToMe)',
  // Removes four fifths of the patches over the whole depth: 13 per block of DeiT, as in the paper.
  countsOf: (config) =>
    constantCounts(config, Math.round((0.8 * (tokenCount(config) - prefixTokens(config))) / config.depth)),
  fewBlocks: true,
  behaviour: () => ({
    phase: 'after-attention',
    needsAttention: false,
    merges: true,
    least: leastOfPairs,
    reduce: (view, count) => {
      const sets = alternateSets(view);
      const merge = mergePairs(sets, cosines(meanKeys(view), sets), rowsOf(view) - count);
      return pairRowsBySize(merge, view);
    },
    macs: (config, rowsIn, rowsOut) =>
      pairMacs(alternateCounts(config, rowsIn, rowsOut), {
        metric: headWidth(config),
        channels: config.width + 2,
      }),
  }),
});
