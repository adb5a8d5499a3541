/** Keeps a constant share of the patches at some blocks: the schedule of EViT and DynamicViT, with static positions. */

import { PatchslimError } from '@patchslim/tensor';
import { patchesAt } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import { planByCounts } from './counts.js';
import type { Schedule } from './schedule.js';
import { malformed, readNumber, readNumbers, type ScheduleFormat } from './schedule-format.js';

/**
 * Each of `blocks` (counted from 0) keeps `ceil(ratio · n)` of the `n` patches that reach it; the last block of the
 * model computes only the class token, which does not change the result.
 * @throws INVALID_ARGUMENT unless 0 < ratio ≤ 1 and `blocks` is not empty; from `plan`, for blocks that the model
 *   does not have
 */
export function keepRatioSchedule(ratio: number, blocks: readonly number[]): Schedule {
  if (!(ratio > 0 && ratio <= 1) || blocks.length === 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `keep-ratio schedule: expected a ratio in (0, 1] and at least one block, got ${ratio} and ${blocks.length} blocks`,
    );
  }
  return {
    name: 'keep-ratio',
    spec: `keep-ratio:${ratio}@${blocks.map((block) => block + 1).join(',')}`,
    needsErrors: false,
    counts: (config) => ratioCounts(config, ratio, blocks),
    plan: async (oracle, options) => planByCounts(oracle, ratioCounts(oracle.config, ratio, blocks), options),
  };
}

/** Tokens that each block keeps, including the class token. */
export function ratioCounts(config: VitConfig, ratio: number, blocks: readonly number[]): number[] {
  const outside = blocks.find((block) => !Number.isInteger(block) || block < 0 || block >= config.depth);
  if (outside !== undefined) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `keep-ratio schedule: ${config.name} has blocks 1 to ${config.depth}, got ${outside + 1}`,
    );
  }
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (blocks.includes(block)) patches = Math.ceil(ratio * patches);
    return prefix + patchesAt(config, block, patches);
  });
}

const usage = 'keep-ratio:0.7@4,7,10';

export const keepRatioFormat: ScheduleFormat = {
  name: 'keep-ratio',
  summary: 'a share kept, at blocks counted from 1',
  usage,
  parse(text) {
    const [ratio, blocks, ...rest] = text.split('@');
    if (ratio === undefined || blocks === undefined || rest.length > 0) malformed(text, usage);
    return keepRatioSchedule(
      readNumber(ratio, usage),
      readNumbers(blocks, usage).map((block) => block - 1),
    );
  },
};
