/**
 * Merges the tokens whose mean costs the class token least, before the queries of a block. Ours; docs/guide/experiments.md
 * says how it was found and what it is worth.
 */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const ward: RuntimeMethod = {
  name: 'ward',
  summary: 'merges the tokens whose mean costs the class token least, before the queries',
  entry: (count) => reduceTo(count, 'ward'),
};
