/**
 * Given counts: block `l` keeps `counts[l]` tokens. A token that a deeper block keeps is kept in all blocks before
 * it.
 */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { densePlan, prefixPositions, readsPatches, tokenCount, type VitConfig } from '@patchslim/vit-models';
import type { Schedule, ScheduleResult, SlimmingOracle } from './schedule.js';
import { readNumbers, type ScheduleFormat } from './schedule-format.js';
import { fillUp, keepBlock } from './selection.js';

/** Tokens kept in each block of DeiT-S in the paper's Fig. 5. */
export const figure5Counts: readonly number[] = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1];

/**
 * Keeps `counts[l]` tokens in block `l`, class token included.
 * @throws INVALID_ARGUMENT (from `plan`) when the counts do not fit the model, grow towards the output, or keep more
 *   in the last block than the classifier reads
 */
export function countsSchedule(counts: readonly number[]): Schedule {
  return {
    name: 'counts',
    spec: `counts:${counts.join(',')}`,
    needsErrors: false,
    counts: (config) => {
      checkCounts(config, counts);
      return counts;
    },
    plan: (oracle, options) => planByCounts(oracle, counts, options),
  };
}

/** Top-down selection with a given number of tokens in every block. */
export async function planByCounts(
  oracle: SlimmingOracle,
  counts: readonly number[],
  { signal, onProgress }: LongCallOptions = {},
): Promise<ScheduleResult> {
  const { config, keys } = oracle;
  checkCounts(config, counts);
  const prefix = prefixPositions(config);
  if (!readsPatches(config) && counts.at(-1) !== prefix.length) {
    throw wrongCounts(
      `${prefix.length} in the last block, because the classifier reads nothing else, got ${counts.join(',')}`,
      counts,
    );
  }
  const tokens = tokenCount(config);
  const plan = densePlan(config);
  let kept = prefix;
  for (let block = config.depth - 1; block >= 0; block--) {
    throwIfAborted(signal, 'planByCounts()');
    const count = counts[block]!;
    if (count > kept.length) kept = fillUp(kept, await oracle.scores(block, plan), count);
    plan[block] = keepBlock(kept, tokens, keys);
    onProgress?.({ stage: 'plan', done: config.depth - block, total: config.depth, unit: 'blocks' });
  }
  return { plan };
}

function checkCounts(config: VitConfig, counts: readonly number[]): void {
  const tokens = tokenCount(config);
  const least = prefixPositions(config).length + (readsPatches(config) ? 1 : 0);
  const wrong =
    counts.length !== config.depth
      ? `${config.depth} counts for ${config.name}, got ${counts.length}`
      : counts.some((n) => !Number.isInteger(n) || n < least || n > tokens)
        ? `counts from ${least} to ${tokens}, got ${counts.join(',')}`
        : counts.some((n, block) => n > (counts[block - 1] ?? tokens))
          ? `counts that never grow towards the output, got ${counts.join(',')}`
          : undefined;
  if (wrong) throw wrongCounts(wrong, counts);
}

const wrongCounts = (wanted: string, counts: readonly number[]): PatchslimError =>
  new PatchslimError('INVALID_ARGUMENT', `counts schedule: expected ${wanted}`, { counts });

const usage = 'counts:197,197,160,…';

export const countsFormat: ScheduleFormat = {
  name: 'counts',
  summary: 'tokens kept by each block',
  usage,
  parse: (text) => countsSchedule(readNumbers(text, usage)),
};
