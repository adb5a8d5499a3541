/** The method that fits a model, a budget and the images at hand. */

import type { ImageSet } from '@patchslim/datasets';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { comparePlans } from '../compare/compare-plans.js';
import { requireBackendOf } from '../latency/schedule-cost.js';
import type { Method, PlanningOptions } from './method.js';

/**
 * Plans with every method, and returns the plan whose classes diverge least from the dense network's on images that no
 * method has seen. Labels are not looked at. What every method came to is in `provenance.candidates`.
 * @param calibration images for methods that look at some
 * @param judging images to choose by
 * @throws INVALID_ARGUMENT when no method can make a plan, and for a time on another backend than the model's; what `comparePlans` throws
 */
export async function choosePlan(
  model: VitModel,
  methods: readonly Method[],
  calibration: ImageSet,
  judging: ImageSet,
  options: PlanningOptions,
): Promise<SlimPlan> {
  requireBackendOf(options.schedule, model, 'choosePlan()');
  const plans: SlimPlan[] = [];
  for (const method of methods) {
    const plan = await planOrNone(method, model, calibration, options);
    if (plan) plans.push(plan);
  }
  const { plans: figures } = await comparePlans(model, plans, judging, { ...options, runs: 0 });
  const order = figures.map((_, i) => i).sort((a, b) => figures[a]!.divergence - figures[b]!.divergence);
  const best = order.length > 0 ? plans[order[0]!] : undefined;
  if (!best) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `choosePlan(): no method makes a plan for ${model.config.name} by '${options.schedule.spec}'`,
    );
  }
  const candidates = order.map((i) => {
    const { method, divergence, agreement } = figures[i]!;
    return { method, divergence, agreement };
  });
  return { ...best, provenance: { ...best.provenance, candidates } };
}

/** Methods differ in how far they can go: one that cannot reach the counts is no candidate. */
async function planOrNone(
  method: Method,
  model: VitModel,
  images: ImageSet,
  options: PlanningOptions,
): Promise<SlimPlan | undefined> {
  try {
    return await method.plan(model, images, options);
  } catch (error) {
    if (isPatchslimError(error, 'INVALID_ARGUMENT') || isPatchslimError(error, 'PLAN_INVALID'))
      return undefined;
    throw error;
  }
}
