/** What a network costs that computes so many tokens in each block, for schedules that spend a budget. */

import { vitMacs } from '@patchslim/flop-counter';
import type { CostOf } from '@patchslim/slimming-schedules';
import { range } from '@patchslim/tensor';
import {
  prefixPositions,
  tokenCount,
  type BlockPlan,
  type Keys,
  type VitConfig,
} from '@patchslim/vit-models';

/** @param entryOf block that leaves so many of the tokens that reach it */
export function costOfCounts(config: VitConfig, entryOf: (count: number) => BlockPlan): CostOf {
  const dense = vitMacs(config).total;
  return (counts) => vitMacs(config, planOfCounts(config, counts, entryOf)).total / dense;
}

/** A plan of blocks of one kind, dense where nothing is removed; a block of prefix tokens alone keeps these. */
export function planOfCounts(
  config: VitConfig,
  counts: readonly number[],
  entryOf: (count: number) => BlockPlan,
): BlockPlan[] {
  const prefix = prefixPositions(config);
  return counts.map((count, block) => {
    if (count === prefix.length) return { kind: 'keep', keep: prefix, keys: 'compact' };
    return count === (counts[block - 1] ?? tokenCount(config)) ? { kind: 'dense' } : entryOf(count);
  });
}

/** A block that keeps the first tokens: which ones makes no difference to the cost. */
export const firstTokens = (count: number, keys: Keys): BlockPlan => {
  return { kind: 'keep', keep: range(count), keys };
};
