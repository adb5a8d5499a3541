/** A plan that chooses the tokens of each image while the network runs. */

import { vitMacs } from '@patchslim/flop-counter';
import {
  budgetSchedule,
  countsSchedule,
  createPlan,
  type PlannedModel,
  type Schedule,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { countsOf, planOfCounts } from '../counted-plan.js';
import { version } from '../version.js';
import type { RuntimeMethod } from './method.js';

/**
 * Needs no image. Every image keeps as many tokens as every other.
 * @param schedule one that knows its counts beforehand; when left out that of the method's paper, or `budget:0.5`
 * @throws INVALID_ARGUMENT for a schedule without known counts, or counts that do not fit the model; PLAN_INVALID for
 *   counts that the method cannot reach
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 */
export function slimAtRunTime(model: PlannedModel, method: RuntimeMethod, schedule?: Schedule): SlimPlan {
  const { config } = model;
  const { name, defaultCounts, entry } = method;
  const chosen = schedule ?? (defaultCounts ? countsSchedule(defaultCounts(config)) : budgetSchedule(0.5));
  const counts = countsOf(chosen, config, entry, `slimAtRunTime(): ${name}`);
  const blocks = planOfCounts(config, counts, entry);
  return createPlan(model, blocks, {
    tool: `patchslim ${version}`,
    method: name,
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
