/** A run-time method within a budget: the counts, and the blocks that select at all, as calibration images like them. */

import { usableCount, type ImageSet } from '@patchslim/datasets';
import type { Provenance, Schedule, SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { pairedDifference } from '../intervals/paired-difference.js';
import { countsOf } from '../counted-plan.js';
import type { LatencyTable } from '../latency/latency-table.js';
import { measureLatency } from '../latency/measure-latency.js';
import { provenanceOfLatency, scheduleCost } from '../latency/schedule-cost.js';
import type { RuntimeMethod } from '../methods/method.js';
import { planAtRunTime } from '../methods/slim-at-run-time.js';
import { keyOfRun } from '../saved-run.js';
import { openNotes, type Notes } from './notes.js';
import { mean, searchCounts, type SearchCountsOptions } from './search-counts.js';
import { openCountWalk, type CountWalk, type CountWalkOptions } from './walk-counts.js';

/** Options of `slimToBudget`. */
export interface SlimToBudgetOptions extends LongCallOptions, Pick<SearchCountsOptions, 'seed' | 'rounds'> {
  /** `budget:…`. */
  readonly schedule: Schedule;
  readonly batchSize: number;
  /** File in which the search notes what it has measured, so that the same call goes on after it was cut off. Node only. */
  readonly progress?: string | undefined;
}

/**
 * Searches for the counts within a budget whose classes diverge least from the dense network's on `images`, beginning with
 * the counts of the schedule; labels are not looked at. What was found is held against the beginning on `heldBack`, and
 * the beginning is kept unless what was found is better there for certain: `provenance.search` says so. The same inputs and seed give the same
 * plan; with a time as budget only together with the same measurements, which are in the notes.
 * @param heldBack images that judge, none of `images`
 * @throws INVALID_ARGUMENT for a schedule that is no budget, a budget on another backend or below what is possible;
 *   DATA_INVALID without an image; NUMERICAL; ABORTED; what decoding throws
 * @example
 * const plan = await slimToBudget(model, findRuntimeMethod('ward'), images, heldBack, {
 *   schedule: parseSchedule('budget:0.5'), seed: 0, batchSize: 8,
 * });
 */
export async function slimToBudget(
  model: VitModel,
  method: RuntimeMethod,
  images: ImageSet,
  heldBack: ImageSet,
  options: SlimToBudgetOptions,
): Promise<SlimPlan> {
  const { config } = model;
  const { entry } = method;
  const { schedule, seed, batchSize, signal } = options;
  const { budget } = schedule;
  if (!budget) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `slimToBudget(): expected a schedule like budget:0.5 or budget:12ms@native, got '${schedule.spec}'`,
    );
  }
  const run = [method.name, schedule.spec, seed, batchSize, options.rounds];
  const key = options.progress === undefined ? '' : await keyOfRun(model, [images, heldBack], run, options);
  const notes = await openNotes(options.progress, key);
  const cost = await scheduleCost(model, schedule, entry, options, () =>
    notedLatency(model, method, notes, options),
  );
  const start = countsOf(schedule, config, entry, 'slimToBudget()', cost.costOf);
  const found = await walking(model, method, images, { batchSize, signal }, (walk) =>
    searchCounts(walk, config, entry, start, { ...options, ...cost, most: budget.most, notes }),
  );
  const [before, after] = await walking(model, method, heldBack, { batchSize, signal }, (walk) =>
    walk.divergences([start, found.counts]),
  );
  const { interval } = pairedDifference(before!, after!);
  const taken = interval[1] < 0 ? 'found' : 'start';
  const search: Provenance['search'] = {
    heldBack: before!.length,
    candidates: found.candidates,
    start: { counts: [...start], divergence: mean(before!) },
    found: { counts: [...found.counts], divergence: mean(after!) },
    interval: [...interval],
    taken,
  };
  const counts = taken === 'found' ? found.counts : start;
  return planAtRunTime(model, method, schedule, counts, {
    seed,
    data: images.name,
    images: usableCount(images),
    search,
    ...provenanceOfLatency(schedule, cost, counts),
  });
}

/** A run whose notes are taken up goes on with the times that it began with. */
async function notedLatency(
  model: VitModel,
  { entry }: RuntimeMethod,
  notes: Notes,
  options: LongCallOptions,
): Promise<LatencyTable> {
  const noted = notes.get('latency') as LatencyTable | undefined;
  if (noted) return noted;
  const latency = await measureLatency(model, entry, options);
  notes.set('latency', latency);
  await notes.save();
  return latency;
}

async function walking<T>(
  model: VitModel,
  { entry }: RuntimeMethod,
  images: ImageSet,
  options: CountWalkOptions,
  use: (walk: CountWalk) => Promise<T>,
): Promise<T> {
  const walk = await openCountWalk(model, entry, images, options);
  try {
    return await use(walk);
  } finally {
    await walk.close();
  }
}
