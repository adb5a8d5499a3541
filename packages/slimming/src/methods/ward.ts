/**
 * Merges the tokens whose mean costs the class token least, before the queries of a block. Ours; docs/guide/experiments.md
 * says how it was found and what it is worth.
 */

import { budgetCounts } from '@patchslim/slimming-schedules';
import { costOfCounts } from '../cost-of-counts.js';
import type { RuntimeMethod } from './method.js';

export const ward: RuntimeMethod = {
  name: 'ward',
  summary: 'merges the tokens whose mean costs the class token least, before the queries',
  defaultCounts: (config) => budgetCounts(config, 0.5, costOfCounts(config, ward.entry)),
  entry: (count) => ({ kind: 'merge', count, merger: { name: 'ward' } }),
};
