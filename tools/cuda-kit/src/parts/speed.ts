/** Dense against slimmed, in pairs that are timed in turn: plans of fixed positions, and plans that merge image by image. */

import { compareSpeed } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import type { Backend } from '@patchslim/tensor';
import { disposeModel } from '@patchslim/vit-models';
import { makeTimedPlans, timedModel } from '../networks.js';

export async function speed(
  backend: Backend,
  {
    model: name,
    batches,
    pairs,
  }: { readonly model: string; readonly batches: readonly number[]; readonly pairs: number },
) {
  const model = timedModel(name, backend);
  const timings = [];
  for (const { name: title, plan } of await makeTimedPlans(model)) {
    for (const result of await compareSpeed(model, blocksFor(plan, model), { batches, runs: pairs })) {
      const { batch, denseMs, slimmedMs, speedup, spread, macRatio, runs } = result;
      timings.push({
        plan: title,
        batch,
        denseMs,
        slimmedMs,
        speedup,
        quartiles: spread,
        macRatio,
        pairs: runs,
      });
    }
  }
  disposeModel(model);
  return { model: name, timings };
}
