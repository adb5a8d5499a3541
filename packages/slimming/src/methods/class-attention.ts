/** Keeps what the class token attends to; the others leave the network. The plainest method that looks at each image. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const classAttention: RuntimeMethod = {
  name: 'class-attention',
  summary: 'keeps what the class token attends to',
  entry: (count) => reduceTo(count, 'top-k', { score: { name: 'class-attention' } }),
};
