/** ToMe (arXiv 2210.09461): merges the most similar tokens behind the attention of every block. */

import { constantCounts } from '@patchslim/slimming-schedules';
import { prefixTokens, tokenCount } from '@patchslim/vit-models';
import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

const entry: EntryOf = (count) => reduceTo(count, 'tome');

export const tome: RuntimeMethod = {
  name: 'tome',
  summary: 'merges the most similar tokens of every block (ToMe)',
  // Four fifths of the patches over the whole depth: 13 a block of DeiT, as in the paper.
  preset(config) {
    const r = Math.round((0.8 * (tokenCount(config) - prefixTokens(config))) / config.depth);
    return planOfCounts(config, constantCounts(config, r), entry);
  },
  entry,
};
