/** Uniform pooling: neighbours become their mean, whatever they show. What any method that looks at images has to beat. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const pool: RuntimeMethod = {
  name: 'pool',
  summary: 'pools neighbours, whatever they show',
  entry: (count) => reduceTo(count, 'pool'),
};
