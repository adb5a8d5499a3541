/** PiToMe (arXiv 2405.16148): merges within the largest clusters of tokens, and protects the others. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const pitome: RuntimeMethod = {
  name: 'pitome',
  summary: 'merges similar tokens within the largest clusters only (PiToMe)',
  // The margin falls with the depth, as tokens become more alike: 0.9 · (1 − l / L).
  entry: (count, { block, config }) => {
    const margin = Number((0.9 * (1 - block / config.depth)).toFixed(4));
    return reduceTo(count, 'pitome', { margin });
  },
};
