/** The one way from a job to a plan. */

import type { Schedule } from '@patchslim/slimming-schedules';
import type { Job } from './job/job.js';
import { splitImages } from './job/split-images.js';
import { chooseMethod } from './methods/choose-method.js';
import type { Method } from './methods/method.js';
import { planByMethod, type MadePlan } from './plan-by-method.js';
import { isBlockRecovery } from './recover/block.js';
import { recoverPlan } from './recover/recover-plan.js';
import type { PlanRequest } from './request.js';

/** Of the images, how many choose the best epoch of a recovery; the others teach. */
const shareForRecovery = 1 / 8;

/**
 * Makes a plan and adapts the weights if asked. Images that teach or calibrate choose nothing, where something is chosen.
 *
 * @throws what the method, the schedule and the recoveries throw
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
  // A top-down search adapts each block as it goes, as the paper does; other schedules have no loop to do it in.
  if (!schedule.needsErrors || !first || !isBlockRecovery(first)) {
    const { plan } = await planByBest(planning, methods, schedule);
    return recoverPlan(job, plan, recovery, parts);
  }
  const inSearch = { recovery: first, choose: parts.choose };
  const { plan, params } = await planByMethod(planning, methods[0]!, schedule, inSearch);
  return recoverPlan(job, plan, recovery, parts, { recovery: first, params: params! });
}

function planByBest(job: Job, methods: readonly Method[], schedule: Schedule): Promise<MadePlan> {
  const [only, ...others] = methods;
  return only && others.length === 0
    ? planByMethod(job, only, schedule)
    : chooseMethod(job, methods, schedule);
}
