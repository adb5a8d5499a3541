/** Merges similar tokens behind the attention (ToMe, arXiv 2210.09461). */

import { rowsOf } from '../choosing/block-view.js';
import type { Choice } from '../choosing/choice.js';
import { cosines, headWidth, meanKeys } from '../choosing/cosines.js';
import { mergePairs, pairMacs } from '../choosing/merge-pairs.js';
import { dealtCounts, dealtSides, leastOfPairs, pairRowsBySize } from '../choosing/merged-rows.js';

export const tome: Choice = {
  behindAttention: true,
  seesAttention: false,
  least: leastOfPairs,
  rows: (view, count) => {
    const sides = dealtSides(view);
    const merge = mergePairs(sides, cosines(meanKeys(view), sides), rowsOf(view) - count);
    return pairRowsBySize(merge, sides, view);
  },
  macs: (config, rowsIn, rowsOut) =>
    pairMacs(dealtCounts(config, rowsIn, rowsOut), {
      metric: headWidth(config),
      channels: config.width + 2,
    }),
};
