/** Plans of blocks of one kind, by the numbers of tokens that each leaves, and what they cost. */

import { vitMacs } from '@patchslim/flop-counter';
import type { CostOf, Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError, range } from '@patchslim/tensor';
import { createReducer, type ReducerName } from '@patchslim/token-reducers';
import {
  prefixPositions,
  tokenCount,
  type BlockPlan,
  type Keys,
  type VitConfig,
} from '@patchslim/vit-models';

/** Where a block is. */
export interface BlockPlace {
  readonly config: VitConfig;
  /** From 0. */
  readonly block: number;
  /** Tokens that reach it. */
  readonly reaching: number;
}

/** A block that leaves so many of the tokens that reach it. */
export type EntryOf = (count: number, place: BlockPlace) => BlockPlan;

/**
 * The counts of a schedule that knows them before it has seen an image.
 * @param costOf in the unit of the schedule's budget (see `scheduleCost`); multiply-accumulates when left out
 * @throws INVALID_ARGUMENT for another schedule, a time without its measured cost, or counts that do not fit the model
 */
export function countsOf(
  schedule: Schedule,
  config: VitConfig,
  entryOf: EntryOf,
  where: string,
  costOf?: CostOf,
): readonly number[] {
  if (schedule.budget?.backend !== undefined && !costOf) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `${where}: '${schedule.spec}' is a time, and no measured cost was handed in (see scheduleCost)`,
      { schedule: schedule.spec },
    );
  }
  const counts = schedule.counts?.(config, costOf ?? costOfCounts(config, entryOf));
  if (counts) return counts;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${where}: expected a schedule whose counts are known beforehand (budget, constant, counts, keep-ratio), got '${schedule.spec}'`,
    { schedule: schedule.spec },
  );
}

export function costOfCounts(config: VitConfig, entryOf: EntryOf): CostOf {
  const dense = vitMacs(config).total;
  return (counts) => vitMacs(config, planOfCounts(config, counts, entryOf)).total / dense;
}

/** A plan of blocks of one kind, dense where nothing is removed; a block of prefix tokens alone keeps these. */
export function planOfCounts(config: VitConfig, counts: readonly number[], entryOf: EntryOf): BlockPlan[] {
  const prefix = prefixPositions(config);
  return counts.map((count, block) => {
    if (count === prefix.length) return { kind: 'keep', keep: prefix, keys: 'compact' };
    const reaching = counts[block - 1] ?? tokenCount(config);
    return count === reaching ? { kind: 'dense' } : entryOf(count, { config, block, reaching });
  });
}

/** A block whose reducer leaves `count` tokens. */
export const reduceTo = <Name extends ReducerName>(
  count: number,
  ...reducer: Parameters<typeof createReducer<Name>>
): BlockPlan => ({ kind: 'reduce', count, reducer: createReducer(...reducer) });

/** A block that keeps the first tokens: which ones makes no difference to the cost. */
export const firstTokens = (count: number, keys: Keys): BlockPlan => {
  return { kind: 'keep', keep: range(count), keys };
};
