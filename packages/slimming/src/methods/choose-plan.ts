/** The method that fits a model, a budget and the images at hand. */

import type { ImageSet } from '@patchslim/datasets';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { comparePlans } from '../compare/compare-plans.js';
import type { Method, PlanningOptions } from './method.js';

/**
 * Plans with every method, and returns the plan whose classes diverge least from the dense network's on images that no
 * method has seen. Labels are not looked at. What every method came to is in `provenance.candidates`.
 * @param calibration images for methods that look at some
 * @param judging images to choose by
 * @throws INVALID_ARGUMENT when no method can make a plan; what `comparePlans` throws
 */
export async function choosePlan(
  model: VitModel,
  methods: readonly Method[],
  calibration: ImageSet,
  judging: ImageSet,
  options: PlanningOptions,
): Promise<SlimPlan> {
  const plans: SlimPlan[] = [];
  const refusals: Refusal[] = [];
  for (const method of methods) {
    const plan = await planOrRefusal(method, model, calibration, options);
    if ('refused' in plan) refusals.push(plan);
    else plans.push(plan);
  }
  const { plans: figures } = await comparePlans(model, plans, judging, { ...options, runs: 0 });
  const order = figures.map((_, i) => i).sort((a, b) => figures[a]!.divergence - figures[b]!.divergence);
  const best = order.length > 0 ? plans[order[0]!] : undefined;
  if (!best) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `choosePlan(): no method makes a plan for ${model.config.name} by '${options.schedule.spec}'${nearest(refusals)}`,
    );
  }
  const candidates = order.map((i) => {
    const { method, divergence, agreement } = figures[i]!;
    return { method, divergence, agreement };
  });
  return { ...best, provenance: { ...best.provenance, candidates } };
}

/** A method that cannot reach the counts, and why. */
interface Refusal {
  readonly method: string;
  readonly refused: PatchslimError;
}

/** Methods differ in how far they can go: one that cannot reach the counts is no candidate. */
async function planOrRefusal(
  method: Method,
  model: VitModel,
  images: ImageSet,
  options: PlanningOptions,
): Promise<SlimPlan | Refusal> {
  try {
    return await method.plan(model, images, options);
  } catch (error) {
    if (isPatchslimError(error, 'INVALID_ARGUMENT') || isPatchslimError(error, 'PLAN_INVALID'))
      return { method: method.name, refused: error };
    throw error;
  }
}

/** What the method says that comes nearest to the budget. */
function nearest(refusals: readonly Refusal[]): string {
  const leastOf = ({ refused }: Refusal) => Number(refused.details['least'] ?? Infinity);
  const least = Math.min(...refusals.map(leastOf));
  const first = refusals.find((refusal) => leastOf(refusal) === least);
  return first ? `; nearest is ${first.method}: ${first.refused.message}` : '';
}
