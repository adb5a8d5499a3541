/** What counts cost in the unit of a schedule's budget: computed, or measured on the backend that it names. */

import type { CostOf, Provenance, Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { costOfCounts, type EntryOf } from '../counted-plan.js';
import { latencyOf, type LatencyTable } from './latency-table.js';
import { measureLatency } from './measure-latency.js';

/** Options of `scheduleCost`. */
export interface ScheduleCostOptions extends LongCallOptions {
  /** What the backend of the model is called in a budget: `native`, …; its own name when left out. */
  readonly backend?: string | undefined;
}

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
  options: ScheduleCostOptions = {},
  measure = () => measureLatency(model, entryOf, options),
): Promise<ScheduleCost> {
  const wanted = schedule.budget?.backend;
  if (wanted === undefined) return { costOf: costOfCounts(model.config, entryOf) };
  const running = options.backend ?? model.backend.name;
  if (wanted !== running) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `scheduleCost(): '${schedule.spec}' is a time on '${wanted}', and the model is on '${running}'`,
      { schedule: schedule.spec, backend: running },
    );
  }
  const latency = await measure();
  return { costOf: latencyOf(latency), latency };
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
