/** `auto`: the method whose plan diverges least from the dense network. */

import { isTooSmallBudget, type PlanStep, type Schedule } from '@patchslim/slimming-schedules';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { measurePlans } from '../compare/measure-plans.js';
import { measureOf } from '../head/head.js';
import { imagesOf, type Job } from '../job/job.js';
import { splitImages } from '../job/split-images.js';
import { requireBackendOf } from '../latency/schedule-cost.js';
import { planByMethod, type MadePlan } from '../plan-by-method.js';
import type { Method } from './method.js';

/**
 * Makes a plan with every candidate, and returns the plan with the smallest KL divergence from the dense network's
 * classes, or of an encoder 1 − cosine to its embedding, on the half of the images that no candidate has seen. Labels are not used. The step `chosen` has the result
 * of every candidate, and the candidates that cannot reach the schedule, with their reasons.
 * @throws INVALID_ARGUMENT when no candidate can reach the schedule, with the reason of each; DATA_INVALID for fewer
 *   than four images; other errors of the schedule, the model or the images
 */
export async function chooseMethod(
  job: Job,
  candidates: readonly Method[],
  schedule: Schedule,
): Promise<MadePlan> {
  requireBackendOf(schedule, job.model, schedule.spec);
  const { calibrate, choose } = splitImages(imagesOf(job, 'auto'), {
    ...{ share: 0.5, seed: job.seed, purpose: 'auto', least: 4 },
  });
  // Only the steps of the chosen candidate are steps of the plan.
  const planning: Job = { ...job, images: calibrate, onStep: () => undefined, onProgress: undefined };
  const made: MadePlan[] = [];
  const refusals: Refusal[] = [];
  for (const [done, method] of candidates.entries()) {
    try {
      made.push(await planByMethod(planning, method, schedule));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push({ method: method.name, error });
    }
    job.onProgress?.({ stage: 'methods', done: done + 1, total: candidates.length, unit: 'steps' });
  }
  const refused = refusals.map(({ method, error }) => ({ method, reason: error.message }));
  if (made.length === 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `no method reaches '${schedule.spec}' with ${job.model.config.name}; ${nearest(refusals)}`,
      { schedule: schedule.spec, refused },
    );
  }
  const { plans } = await measurePlans(job.model, [{ plans: made, images: choose }], { ...job, runs: 0 });
  const order = plans.map((_, i) => i).sort((a, b) => plans[a]!.divergence - plans[b]!.divergence);
  const chosen: PlanStep = {
    step: 'chosen',
    ...measureOf(job.model.config),
    images: choose.count,
    candidates: order.map((i) => {
      const { method, divergence, agreement } = plans[i]!;
      return { method, divergence, ...(agreement === undefined ? {} : { agreement }) };
    }),
    refused,
  };
  const best = made[order[0]!]!.plan;
  for (const step of [...best.provenance.steps, chosen]) job.onStep(step);
  const { provenance } = best;
  return { plan: { ...best, provenance: { ...provenance, steps: [...provenance.steps, chosen] } } };
}

/** A method that cannot reach the schedule, with the reason. */
interface Refusal {
  readonly method: string;
  readonly error: PatchslimError;
}

/** Methods have different limits on counts; every other error is passed on to the caller. */
const isRefusal = (error: unknown): error is PatchslimError =>
  isTooSmallBudget(error) || isPatchslimError(error, 'PLAN_INVALID');

/** The reason of the method that comes nearest to the budget; of the first method, if the schedule is not a budget. */
function nearest(refusals: readonly Refusal[]): string {
  const leastOf = ({ error }: Refusal) => Number(error.details['least'] ?? Infinity);
  const [first] = refusals.toSorted((a, b) => (leastOf(a) === leastOf(b) ? 0 : leastOf(a) - leastOf(b)));
  return first ? `nearest is ${first.method}: ${first.error.message}` : 'no method was given';
}
