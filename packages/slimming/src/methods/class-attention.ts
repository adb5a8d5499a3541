/** Keeps what the class token attends to; the others leave the network. The plainest method that looks at each image. */

import type { RuntimeMethod } from './method.js';

export const classAttention: RuntimeMethod = {
  name: 'class-attention',
  summary: 'keeps what the class token attends to',
  entry: (count) => ({ kind: 'rank', count, ranker: { name: 'class-attention' } }),
};
