/** ATS (arXiv 2111.15667): samples tokens by class attention and the norm of their values. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const ats: RuntimeMethod = {
  name: 'ats',
  summary: 'samples by class attention and the norm of the values (ATS)',
  entry: (count) => reduceTo(count, 'top-k', { score: { name: 'sampled-attention' } }),
};
