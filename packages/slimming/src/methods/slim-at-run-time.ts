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
import { traceCounts, type VitConfig } from '@patchslim/vit-models';
import { countsOf, planOfCounts } from '../counted-plan.js';
import { version } from '../version.js';
import type { RuntimeMethod } from './method.js';

/**
 * Needs no image. Every image keeps as many tokens as every other.
 * @param schedule one that knows its counts beforehand; when left out the plan of the method's paper, or `budget:0.5`
 * @throws INVALID_ARGUMENT for a schedule without known counts, or counts that do not fit the model; PLAN_INVALID for
 *   counts that the method cannot reach
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 */
export function slimAtRunTime(model: PlannedModel, method: RuntimeMethod, schedule?: Schedule): SlimPlan {
  const { config } = model;
  const { spec, blocks } = blocksOf(config, method, schedule);
  return createPlan(model, blocks, {
    tool: `patchslim ${version}`,
    method: method.name,
    estimator: 'none',
    attention: 'dense',
    schedule: spec,
    keys: 'compact',
    seed: 0,
    data: '',
    images: 0,
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
  });
}

function blocksOf(config: VitConfig, { name, preset, entry }: RuntimeMethod, schedule?: Schedule) {
  const published = schedule ? undefined : preset?.(config);
  if (published) {
    const counts = traceCounts(config, published).map(({ kept }) => kept);
    return { spec: countsSchedule(counts).spec, blocks: published };
  }
  const chosen = schedule ?? budgetSchedule(0.5);
  const counts = countsOf(chosen, config, entry, `slimAtRunTime(): ${name}`);
  return { spec: chosen.spec, blocks: planOfCounts(config, counts, entry) };
}
