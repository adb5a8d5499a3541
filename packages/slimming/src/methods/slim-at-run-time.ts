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
import { traceCounts, type BlockPlan } from '@patchslim/vit-models';
import { countsOf, planOfCounts } from '../counted-plan.js';
import { provenanceOfLatency, type ScheduleCost } from '../latency/schedule-cost.js';
import { version } from '../version.js';
import type { RuntimeMethod } from './method.js';

/**
 * Needs no image. Every image keeps as many tokens as every other.
 * @param schedule one that knows its counts beforehand; when left out the plan of the method's paper, or `budget:0.5`
 * @param cost of `scheduleCost`, for a schedule that is a time
 * @throws INVALID_ARGUMENT for a schedule without known counts, a time without its cost, or counts that do not fit the
 *   model; PLAN_INVALID for counts that the method cannot reach
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 */
export function slimAtRunTime(
  model: PlannedModel,
  method: RuntimeMethod,
  schedule?: Schedule,
  cost?: ScheduleCost,
): SlimPlan {
  const { config } = model;
  const { name, entry, preset } = method;
  const origin = { seed: 0, data: '', images: 0 };
  const published = schedule ? undefined : preset?.(config);
  if (published) {
    const counts = traceCounts(config, published).map(({ kept }) => kept);
    return planOfBlocks(model, method, countsSchedule(counts), published, origin);
  }
  const chosen = schedule ?? budgetSchedule(0.5);
  const counts = countsOf(chosen, config, entry, `slimAtRunTime(): ${name}`, cost?.costOf);
  return planAtRunTime(model, method, chosen, counts, {
    ...origin,
    ...(cost ? provenanceOfLatency(chosen, cost, counts) : {}),
  });
}

/** What a plan comes from, besides method and schedule. */
type Origin = Pick<Provenance, 'seed' | 'data' | 'images' | 'search' | 'latency'>;

export function planAtRunTime(
  model: PlannedModel,
  method: RuntimeMethod,
  schedule: Schedule,
  counts: readonly number[],
  origin: Origin,
): SlimPlan {
  return planOfBlocks(model, method, schedule, planOfCounts(model.config, counts, method.entry), origin);
}

function planOfBlocks(
  model: PlannedModel,
  { name }: RuntimeMethod,
  { spec }: Schedule,
  blocks: readonly BlockPlan[],
  origin: Origin,
): SlimPlan {
  const { config } = model;
  return createPlan(model, blocks, {
    tool: `patchslim ${version}`,
    method: name,
    estimator: 'none',
    attention: 'dense',
    schedule: spec,
    keys: 'compact',
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
    ...origin,
  });
}
