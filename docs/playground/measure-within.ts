/** Dense against slimmed time, measured within a time limit. */

import type { Measurement, SlimWorker } from '@patchslim/browser';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';

/** Time limit for the warm pairs of one batch size, ms, and their largest number. */
const patience = 3000;
const mostRuns = 20;

/** Cold times from the first pair; warm times from as many pairs as the limit allows, at least one. */
export async function measureWithin(
  worker: SlimWorker,
  plan: SlimPlan,
  batch: number,
  options: LongCallOptions,
): Promise<Measurement> {
  const first = await worker.measure({ plan, batch, runs: 1 }, options);
  const pairMs = batch * (first.denseMs + first.slimmedMs);
  const runs = Math.min(mostRuns, Math.floor(patience / pairMs));
  if (runs <= 1) return first;
  const { coldDenseMs, coldSlimmedMs } = first;
  return { ...(await worker.measure({ plan, batch, runs }, options)), coldDenseMs, coldSlimmedMs };
}
