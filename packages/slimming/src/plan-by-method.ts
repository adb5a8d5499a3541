/** Makes a plan by one method. Every plan is made here. */

import { vitMacs } from '@patchslim/flop-counter';
import { createPlan, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import { traceCounts, type Checkpoint } from '@patchslim/vit-models';
import { countsOf, planOfCounts } from './counted-plan.js';
import type { Job } from './job/job.js';
import { savedWithin } from './job/saved.js';
import { scheduleCost, timedStep, type ScheduleCost } from './latency/schedule-cost.js';
import type { Method, PlannedBlocks } from './methods/method.js';
import type { RecoveryInSearch } from './recover/block.js';
import type { RecoveredParams } from './recover/recover.js';
import { searchedCounts } from './search/counts-in-budget.js';
import { version } from './version.js';

/** A plan, and the weights adapted to it, if any. */
export interface MadePlan {
  readonly plan: SlimPlan;
  /** The weights for the plan, if they were adapted. */
  readonly adapted?: Checkpoint | undefined;
}

/**
 * Makes a plan by one method with all images of the job.
 *
 * @param recovery adapts the weights of each block during a top-down search
 * @returns the plan, and the weights that were adapted during the search
 * @throws INVALID_ARGUMENT, PLAN_INVALID for counts that the method cannot reach; errors of the schedule and the
 *   images
 */
export async function planByMethod(
  job: Job,
  method: Method,
  schedule: Schedule,
  recovery?: RecoveryInSearch,
): Promise<{ readonly plan: SlimPlan; readonly params?: RecoveredParams | undefined }> {
  const { config } = job.model;
  const own: Job = { ...job, saved: savedWithin(job.saved, method.name) };
  const cost = await scheduleCost(own, schedule, method.blockOf);
  const { blocks, steps, params } = await blocksBy(own, method, schedule, cost, recovery);
  const counts = traceCounts(config, blocks).map(({ kept }) => kept);
  const taken = [...timedStep(schedule, cost, counts), ...steps];
  for (const step of taken) job.onStep(step);
  const plan = createPlan(job.model, blocks, {
    tool: `patchslim ${version}`,
    method: method.name,
    schedule: schedule.spec,
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
    steps: taken,
  });
  return { plan, params };
}

async function blocksBy(
  job: Job,
  method: Method,
  schedule: Schedule,
  cost: ScheduleCost,
  recovery: RecoveryInSearch | undefined,
): Promise<PlannedBlocks> {
  const { config } = job.model;
  if (!schedule.searches && method.plan) return method.plan(job, { schedule, cost, recovery });
  if (!schedule.searches) {
    const counts = countsOf(schedule, config, cost.costOf, method);
    return { blocks: planOfCounts(config, counts, method.blockOf), steps: [] };
  }
  if (method.plan) {
    throw new PatchslimError(
      'PLAN_INVALID',
      `'${schedule.spec}' compares counts on the running network, and ${method.name} fits its plans to given counts; with it: budget`,
    );
  }
  const { counts, step } = await searchedCounts(job, method, schedule, cost);
  return { blocks: planOfCounts(config, counts, method.blockOf), steps: [step] };
}
