/** Uniform pooling: neighbours become their mean, whatever they show. What any method that looks at images has to beat. */

import type { RuntimeMethod } from './method.js';

export const pool: RuntimeMethod = {
  name: 'pool',
  summary: 'pools neighbours, whatever they show',
  entry: (count) => ({ kind: 'merge', count, merger: { name: 'pool' } }),
};
