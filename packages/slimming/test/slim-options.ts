/** What `slim` is told in tests: the paper's estimator and a schedule, with what a test needs otherwise. */

import { findScore } from '@patchslim/importance-estimators';
import { parseSchedule } from '@patchslim/slimming-schedules';
import type { SlimOptions } from '../src/index.js';

export function slimOptions(schedule: string, changes: Partial<SlimOptions> = {}): SlimOptions {
  return {
    schedule: parseSchedule(schedule),
    estimator: findScore('impact'),
    attention: 'dense',
    keys: 'compact',
    seed: 0,
    batchSize: 4,
    ...changes,
  };
}
