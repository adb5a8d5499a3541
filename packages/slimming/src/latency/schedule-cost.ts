/** Cost of counts in the unit of a schedule's budget: computed, or measured on the backend in the budget. */

import type { CostOf, PlanStep, Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { costOfCounts, type BlockOf } from '../counted-plan.js';
import type { Job } from '../job/job.js';
import { latencyOf, type LatencyTable } from './latency-table.js';
import { measureLatency } from './measure-latency.js';

/** Cost of counts in the unit of a schedule's budget. */
export interface ScheduleCost {
  readonly costOf: CostOf;
  /** The measurement, for a time budget. */
  readonly latency?: LatencyTable;
}

/**
 * Cost of counts in the unit of a schedule's budget: multiply-accumulates, or ms on the backend in the budget. Times
 * are measured once per job; a resumed job keeps its first measurement.
 *
 * @param blockOf a block of the method that makes the plan
 * @throws INVALID_ARGUMENT for a time on another backend than the model's; errors of `measureLatency`
 */
export async function scheduleCost(
  { model, saved, signal, onProgress }: Pick<Job, 'model' | 'saved' | 'signal' | 'onProgress'>,
  schedule: Schedule,
  blockOf: BlockOf,
): Promise<ScheduleCost> {
  if (schedule.budget?.backend === undefined) return { costOf: costOfCounts(model.config, blockOf) };
  requireBackendOf(schedule, model, schedule.spec);
  const name = 'latency';
  const kept = (await saved.read(name))?.value as LatencyTable | undefined;
  const latency = kept ?? (await measureLatency(model, blockOf, { signal, onProgress }));
  if (!kept) await saved.write(name, latency);
  return { costOf: latencyOf(latency), latency };
}

/**
 * Checks that a time budget names the backend of the model.
 * @throws INVALID_ARGUMENT when it names another one
 */
export function requireBackendOf({ budget, spec }: Schedule, { backend }: VitModel, where: string): void {
  const wanted = budget?.backend;
  if (wanted === undefined || wanted === backend.name) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${where}: '${spec}' is a time on '${wanted}', and the model is on '${backend.name}'`,
    { schedule: spec, backend: backend.name },
  );
}

/** The step `timed` of a plan with a time budget; none if no time was measured. */
export function timedStep(
  { budget }: Schedule,
  { costOf, latency }: ScheduleCost,
  counts: readonly number[],
): PlanStep[] {
  if (budget?.backend === undefined || !latency) return [];
  const ms = (value: number) => Number(value.toPrecision(4));
  const { batch, dense } = latency;
  return [{ step: 'timed', backend: budget.backend, batch, dense: ms(dense), slimmed: ms(costOf(counts)) }];
}
