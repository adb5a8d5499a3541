/** MCTF (arXiv 2403.10030): merges tokens that are similar, small, and attended to little. Without the training of its paper. */

import { constantCounts } from '@patchslim/slimming-schedules';
import { prefixTokens, tokenCount } from '@patchslim/vit-models';
import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

const entry: EntryOf = (count) => reduceTo(count, 'mctf');

export const mctf: RuntimeMethod = {
  name: 'mctf',
  summary: 'merges tokens that are similar, small, and attended to little (MCTF)',
  // As many in every block as leave one patch: 16 of DeiT, as in the paper.
  preset(config) {
    const patches = tokenCount(config) - prefixTokens(config);
    return planOfCounts(config, constantCounts(config, Math.floor((patches - 1) / config.depth)), entry);
  },
  entry,
};
