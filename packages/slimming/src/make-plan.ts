/** Makes a plan from a job. */

import { budgetSchedule, type Schedule } from '@patchslim/slimming-schedules';
import type { VitConfig } from '@patchslim/vit-models';
import { costOfCounts, countsOf, planOfCounts } from './counted-plan.js';
import type { Job } from './job/job.js';
import { splitImages } from './job/split-images.js';
import { chooseMethod } from './methods/choose-method.js';
import type { Method } from './methods/method.js';
import { planByMethod, type MadePlan } from './plan-by-method.js';
import { isBlockRecovery } from './recover/block.js';
import { recoverPlan } from './recover/recover-plan.js';
import type { PlanRequest } from './request.js';

/** Share of the images that choose the best epoch of a recovery; the others train. */
const shareForRecovery = 1 / 8;

/**
 * Makes a plan, and adapts the weights on request. Images for calibration or training are never used to choose.
 *
 * @throws errors of the method, the schedule and the recoveries
 */
export async function makePlan(job: Job, request: PlanRequest): Promise<MadePlan> {
  const made = await (request.recovery.length > 0 ? makeAndRecover : makeAlone)(job, request);
  const { provenance } = made.plan;
  if (!job.images || !provenance.steps.some((step) => 'images' in step)) return made;
  const { name, count } = job.images;
  const { steps, ...rest } = provenance;
  const images = { name, count, seed: job.seed };
  return { ...made, plan: { ...made.plan, provenance: { ...rest, images, steps } } };
}

function makeAlone(job: Job, { methods, schedule }: PlanRequest): Promise<MadePlan> {
  return planByBest(job, methods, schedule);
}

async function makeAndRecover(job: Job, request: PlanRequest): Promise<MadePlan> {
  const { methods, schedule, recovery } = request;
  const parts = splitImages(job.images!, {
    ...{ share: shareForRecovery, seed: job.seed, purpose: recovery.map(({ spec }) => spec).join('+') },
  });
  const planning = { ...job, images: parts.calibrate };
  const [first] = recovery;
  // A top-down search adapts each block inside its loop, as the paper does; other schedules have no such loop.
  if (!schedule.needsErrors || !first || !isBlockRecovery(first)) {
    const { plan } = await planByBest(planning, methods, schedule);
    const method = methods.find(({ name }) => name === plan.provenance.method);
    return recoverPlan(job, plan, recovery, parts, { planAt: method && plansBy(method, job.model.config) });
  }
  const inSearch = { recovery: first, choose: parts.choose };
  const { plan, params } = await planByMethod(planning, methods[0]!, schedule, inSearch);
  return recoverPlan(job, plan, recovery, parts, { already: { recovery: first, params: params! } });
}

/** The plans of a method by share of the dense multiply-accumulates, with the counts of `budget`; undefined if it needs images. */
function plansBy(method: Method, config: VitConfig) {
  const { plan, blockOf } = method;
  if (plan) return undefined;
  const costOf = costOfCounts(config, blockOf);
  return (share: number) =>
    planOfCounts(config, countsOf(budgetSchedule(share), config, costOf, method), blockOf);
}

function planByBest(job: Job, methods: readonly Method[], schedule: Schedule): Promise<MadePlan> {
  const [only, ...others] = methods;
  return only && others.length === 0
    ? planByMethod(job, only, schedule)
    : chooseMethod(job, methods, schedule);
}
