/** Zero-TPrune (arXiv 2305.17328): drops what matters least by PageRank on attention, then the less important of similar ones. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

/** Of PageRank: many in the first quarter of the blocks, where attention is spread, one from the middle on. */
const [shallow, middle, deep] = [30, 5, 1];

export const zeroTPrune: RuntimeMethod = {
  name: 'zero-tprune',
  summary:
    'drops the least important by PageRank on attention, and of similar ones the less important (Zero-TPrune)',
  entry: (count, { block, config: { depth } }) => {
    const iterations = block < depth / 4 ? shallow : block < depth / 2 ? middle : deep;
    return reduceTo(count, 'zero-tprune', { iterations });
  },
};
