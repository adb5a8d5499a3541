/** The method that fits a model, a budget and the images at hand. */

import type { ImageSet } from '@patchslim/datasets';
import { isTooSmallBudget, type SlimPlan } from '@patchslim/slimming-schedules';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { comparePlans } from '../compare/compare-plans.js';
import { requireBackendOf } from '../latency/schedule-cost.js';
import type { Method, PlanningOptions } from './method.js';

/**
 * Plans with every method, and returns the plan whose classes diverge least from the dense network's on images that no
 * method has seen. Labels are not looked at. `provenance.candidates` has what every method came to, `provenance.refused`
 * the methods that cannot reach the schedule, with their reasons.
 * @param calibration images for methods that look at some
 * @param judging images to choose by
 * @throws INVALID_ARGUMENT when no method can reach the schedule, with the reason of each; what is wrong with the schedule,
 *   the model or the images, as the methods and `comparePlans` throw it
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
  const refusals: Refusal[] = [];
  for (const method of methods) {
    try {
      plans.push(await method.plan(model, calibration, options));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push({ method: method.name, error });
    }
  }
  const refused = refusals.map(({ method, error }) => ({ method, reason: error.message }));
  if (plans.length === 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `choosePlan(): no method reaches '${options.schedule.spec}' with ${model.config.name}; ${nearest(refusals)}`,
      { schedule: options.schedule.spec, refused },
    );
  }
  const { plans: figures } = await comparePlans(model, plans, judging, { ...options, runs: 0 });
  const order = figures.map((_, i) => i).sort((a, b) => figures[a]!.divergence - figures[b]!.divergence);
  const best = plans[order[0]!]!;
  const candidates = order.map((i) => {
    const { method, divergence, agreement } = figures[i]!;
    return { method, divergence, agreement };
  });
  return {
    ...best,
    provenance: { ...best.provenance, candidates, ...(refused.length > 0 ? { refused } : {}) },
  };
}

/** A method that cannot reach the schedule, and why. */
interface Refusal {
  readonly method: string;
  readonly error: PatchslimError;
}

/** Methods differ in how far they can go. Whatever else goes wrong would go wrong for the user as well, and comes out. */
const isRefusal = (error: unknown): error is PatchslimError =>
  isTooSmallBudget(error) || isPatchslimError(error, 'PLAN_INVALID');

/** The reason of the method that comes nearest to the budget; of any, where the schedule is no budget. */
function nearest(refusals: readonly Refusal[]): string {
  const leastOf = ({ error }: Refusal) => Number(error.details['least'] ?? Infinity);
  const [first] = refusals.toSorted((a, b) => (leastOf(a) === leastOf(b) ? 0 : leastOf(a) - leastOf(b)));
  return first ? `nearest is ${first.method}: ${first.error.message}` : 'no method was given';
}
