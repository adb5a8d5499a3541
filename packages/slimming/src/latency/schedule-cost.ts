/** What counts cost in the unit of a schedule's budget: computed, or measured on the backend that it names. */

import type { CostOf, Provenance, Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { costOfCounts, type EntryOf } from '../counted-plan.js';
import { latencyOf, type LatencyTable } from './latency-table.js';
import { measureLatency } from './measure-latency.js';

/** What counts cost in the unit of a schedule's budget. */
export interface ScheduleCost {
  readonly costOf: CostOf;
  /** The measurement behind it, for a time. */
  readonly latency?: LatencyTable;
}

/**
 * What counts cost in the unit of a schedule's budget: multiply-accumulates, or ms of the backend that it names.
 *
 * @param entryOf a block of the method that makes the plan
 * @param measure how a latency table is come by; measured when left out
 * @throws INVALID_ARGUMENT for a time on another backend than that of the model; what `measureLatency` throws
 */
export async function scheduleCost(
  model: VitModel,
  schedule: Schedule,
  entryOf: EntryOf,
  options: LongCallOptions = {},
  measure = () => measureLatency(model, entryOf, options),
): Promise<ScheduleCost> {
  if (schedule.budget?.backend === undefined) return { costOf: costOfCounts(model.config, entryOf) };
  requireBackendOf(schedule, model, 'scheduleCost()');
  const latency = await measure();
  return { costOf: latencyOf(latency), latency };
}

/**
 * Checks that a budget that is a time names the backend of the model.
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

/** What a plan says of the times behind it; nothing where none were measured. */
export function provenanceOfLatency(
  { budget }: Schedule,
  { costOf, latency }: ScheduleCost,
  counts: readonly number[],
): Pick<Provenance, 'latency'> {
  if (budget?.backend === undefined || !latency) return {};
  const ms = (value: number) => Number(value.toPrecision(4));
  const { batch, dense } = latency;
  return { latency: { backend: budget.backend, batch, dense: ms(dense), slimmed: ms(costOf(counts)) } };
}
