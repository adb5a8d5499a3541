/** Blocks that choose tokens, for tests. */

import type { BlockPlan, Merger, Ranker } from '../src/index.js';

/** Mergers without numbers of their own. */
type PlainMerger = Exclude<Merger['name'], 'pitome' | 'diffrate' | 'zero-tprune'>;

export const merge = (count: number, merger: Merger | PlainMerger): BlockPlan => {
  return { kind: 'merge', count, merger: typeof merger === 'string' ? { name: merger } : merger };
};

export const rank = (
  count: number,
  rest?: 'fuse',
  name: Exclude<Ranker['name'], 'predictor'> = 'class-attention',
): BlockPlan => ({ kind: 'rank', count, ranker: { name }, rest });
