/** Plans from blocks of one kind, by the number of tokens that each block leaves, and their cost. */

import { vitMacs } from '@patchslim/flop-counter';
import type { CostOf, Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError, range } from '@patchslim/tensor';
import type { ReducerPlace } from '@patchslim/token-reducers';
import {
  prefixPositions,
  tokenCount,
  type BlockPlan,
  type Keys,
  type VitConfig,
} from '@patchslim/vit-models';
import type { Method } from './methods/method.js';

/** A block that leaves `place.count` of the `place.reaching` rows that reach it. */
export type BlockOf = (place: ReducerPlace) => BlockPlan;

/**
 * The counts of a schedule that needs no images.
 * @param method whose counts these are
 * @throws INVALID_ARGUMENT for any other schedule, or for counts that do not fit the model
 */
export function countsOf(
  schedule: Schedule,
  config: VitConfig,
  costOf: CostOf,
  { name, fewBlocks }: Pick<Method, 'name' | 'fewBlocks'>,
): readonly number[] {
  const counts = schedule.counts?.(config, costOf, fewBlocks);
  if (counts) return counts;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${name}: expected a schedule whose counts are known beforehand (budget, constant, counts, keep-ratio), got '${schedule.spec}'`,
    { schedule: schedule.spec },
  );
}

export function costOfCounts(config: VitConfig, blockOf: BlockOf): CostOf {
  const dense = vitMacs(config).total;
  return (counts) => vitMacs(config, planOfCounts(config, counts, blockOf)).total / dense;
}

/**
 * A plan from blocks of one kind. Blocks that remove nothing are dense; a block that leaves only the prefix tokens
 * keeps these.
 */
export function planOfCounts(config: VitConfig, counts: readonly number[], blockOf: BlockOf): BlockPlan[] {
  const prefix = prefixPositions(config);
  return counts.map((count, block) => {
    if (count === prefix.length) return { kind: 'keep', keep: prefix, keys: 'compact' };
    const reaching = counts[block - 1] ?? tokenCount(config);
    return count === reaching ? { kind: 'dense' } : blockOf({ config, block, reaching, count });
  });
}

/** A block that keeps the first tokens: the cost does not depend on the positions. */
export const firstTokens =
  (keys: Keys): BlockOf =>
  ({ count }) => ({ kind: 'keep', keep: range(count), keys });
