/** ATS (arXiv 2111.15667): samples tokens by class attention and the norm of their values. */

import type { RuntimeMethod } from './method.js';

export const ats: RuntimeMethod = {
  name: 'ats',
  summary: 'samples by class attention and the norm of the values (ATS)',
  entry: (count) => ({ kind: 'rank', count, ranker: { name: 'sampled-attention' } }),
};
