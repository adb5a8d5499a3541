/** TPS (arXiv 2304.10716) with class attention: squeezes every other token into its most similar kept one. */

import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';
import { shareAtQuarters } from './share-at-quarters.js';

const entry: EntryOf = (count) => reduceTo(count, 'tps');

export const tps: RuntimeMethod = {
  name: 'tps',
  summary: 'keeps what the class token attends to, squeezes the rest into the most similar (TPS)',
  preset: (config) => planOfCounts(config, shareAtQuarters(config, 0.7, 0), entry),
  entry,
};
