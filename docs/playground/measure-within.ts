/** Dense against slimmed time, in about the time that somebody waits for it. */

import type { Measurement, SlimWorker } from '@patchslim/browser';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';

/** Time for the warm pairs of one batch size, ms, and the most of them. */
const patience = 3000;
const mostRuns = 20;

/** Cold times of the first pair; warm ones of as many pairs as patience allows, one at least. */
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
