/** Removes the same number of patches in every block: the schedule of ToMe. */

import { PatchslimError } from '@patchslim/tensor';
import { constantCounts } from '@patchslim/token-reducers';
import { planByCounts } from './counts.js';
import type { Schedule } from './schedule.js';
import { readNumber, type ScheduleFormat } from './schedule-format.js';

/**
 * Each block removes `r` patches, but leaves at least one. The last block of the model computes only the class token,
 * which does not change the result.
 * @throws INVALID_ARGUMENT unless `r` is a whole number from 0 up
 */
export function constantSchedule(r: number): Schedule {
  if (!Number.isSafeInteger(r) || r < 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `constant schedule: expected a whole number from 0 up, got ${r}`,
    );
  }
  return {
    name: 'constant',
    spec: `constant:${r}`,
    needsErrors: false,
    counts: (config) => constantCounts(config, r),
    plan: (oracle, options) => planByCounts(oracle, constantCounts(oracle.config, r), options),
  };
}

const usage = 'constant:13';

export const constantFormat: ScheduleFormat = {
  name: 'constant',
  summary: 'the same number of patches less in every block',
  usage,
  parse: (text) => constantSchedule(readNumber(text, usage)),
};
