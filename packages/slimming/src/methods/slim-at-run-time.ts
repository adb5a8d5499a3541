/** A plan that chooses the tokens of each image while the network runs. */

import { vitMacs } from '@patchslim/flop-counter';
import {
  createPlan,
  countsSchedule,
  type PlannedModel,
  type Schedule,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import { costOfCounts, planOfCounts } from '../cost-of-counts.js';
import { version } from '../version.js';
import type { RuntimeMethod } from './method.js';

/**
 * Needs no image. Every image keeps as many tokens as every other.
 * @param schedule one that knows its counts beforehand; that of the method's paper when left out
 * @throws INVALID_ARGUMENT for a schedule without known counts, or counts that do not fit the model; PLAN_INVALID for
 *   counts that the method cannot reach
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 */
export function slimAtRunTime(model: PlannedModel, method: RuntimeMethod, schedule?: Schedule): SlimPlan {
  const { config } = model;
  const chosen = schedule ?? countsSchedule(method.defaultCounts(config));
  const counts = chosen.counts?.(config, costOfCounts(config, method.entry));
  if (!counts) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `slimAtRunTime(): ${method.name} needs a schedule whose counts are known beforehand (budget, constant, counts, keep-ratio), got '${chosen.spec}'`,
      { schedule: chosen.spec },
    );
  }
  const blocks = planOfCounts(config, counts, method.entry);
  return createPlan(model, blocks, {
    tool: `patchslim ${version}`,
    method: method.name,
    estimator: 'none',
    attention: 'dense',
    schedule: chosen.spec,
    keys: 'compact',
    seed: 0,
    data: '',
    images: 0,
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
  });
}
