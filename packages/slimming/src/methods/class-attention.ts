/** Keeps what the class token attends to; the others leave the network. The plainest method that looks at each image. */

import { budgetCounts } from '@patchslim/slimming-schedules';
import { costOfCounts } from '../cost-of-counts.js';
import type { RuntimeMethod } from './method.js';

export const classAttention: RuntimeMethod = {
  name: 'class-attention',
  summary: 'keeps what the class token attends to',
  defaultCounts: (config) => budgetCounts(config, 0.5, costOfCounts(config, classAttention.entry)),
  entry: (count) => ({ kind: 'rank', count, ranker: { name: 'class-attention' } }),
};
