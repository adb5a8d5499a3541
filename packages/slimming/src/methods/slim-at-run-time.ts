/** A plan that chooses the tokens of each image while the network runs. */

import { vitMacs } from '@patchslim/flop-counter';
import {
  budgetSchedule,
  countsSchedule,
  createPlan,
  type PlannedModel,
  type Provenance,
  type Schedule,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { countsOf, planOfCounts } from '../counted-plan.js';
import { provenanceOfLatency, type ScheduleCost } from '../latency/schedule-cost.js';
import { version } from '../version.js';
import type { RuntimeMethod } from './method.js';

/**
 * Needs no image. Every image keeps as many tokens as every other.
 * @param schedule one that knows its counts beforehand; when left out that of the method's paper, or `budget:0.5`
 * @param cost of `scheduleCost`, for a schedule that is a time
 * @throws INVALID_ARGUMENT for a schedule without known counts, a time without its cost, or counts that do not fit the
 *   model; PLAN_INVALID for counts that the method cannot reach
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 */
export function slimAtRunTime(
  model: PlannedModel,
  method: RuntimeMethod,
  schedule: Schedule = usualSchedule(model, method),
  cost?: ScheduleCost,
): SlimPlan {
  const { name, entry } = method;
  const counts = countsOf(schedule, model.config, entry, `slimAtRunTime(): ${name}`, cost?.costOf);
  return planAtRunTime(model, method, schedule, counts, {
    seed: 0,
    data: '',
    images: 0,
    ...(cost ? provenanceOfLatency(schedule, cost, counts) : {}),
  });
}

/** That of the method's paper, or half of the multiply-accumulates. */
export const usualSchedule = ({ config }: PlannedModel, { defaultCounts }: RuntimeMethod): Schedule =>
  defaultCounts ? countsSchedule(defaultCounts(config)) : budgetSchedule(0.5);

/** @param origin what the counts come from, besides method and schedule */
export function planAtRunTime(
  model: PlannedModel,
  { name, entry }: RuntimeMethod,
  { spec }: Schedule,
  counts: readonly number[],
  origin: Pick<Provenance, 'seed' | 'data' | 'images' | 'search' | 'latency'>,
): SlimPlan {
  const { config } = model;
  const blocks = planOfCounts(config, counts, entry);
  return createPlan(model, blocks, {
    tool: `patchslim ${version}`,
    method: name,
    estimator: 'none',
    attention: 'dense',
    schedule: spec,
    keys: 'compact',
    ...origin,
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
  });
}
