/** Compares methods and schedules on one set of images. */

import { readableSet, splitExamples, subset, type ImageSet } from '@patchslim/datasets';
import { isTooSmallBudget, type Schedule } from '@patchslim/slimming-schedules';
import { createRandom, isPatchslimError, PatchslimError, range, shuffled } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { defaults } from '../defaults.js';
import { imagesFor, jobOn, openJob, type Images, type Job, type JobOptions } from '../job/job.js';
import { savedInMemory } from '../job/saved.js';
import { makePlan } from '../make-plan.js';
import type { Method } from '../methods/method.js';
import { methods as allMethods } from '../methods/methods.js';
import type { MadePlan } from '../plan-by-method.js';
import type { Recovery } from '../recover/recovery.js';
import { readRequest, type PlanRequest } from '../request.js';
import { measurePlans, type Comparison, type Fold } from './measure-plans.js';

/** Options of `compare`. */
export interface CompareOptions extends Omit<JobOptions, 'resume' | 'onStep'> {
  /** @default all methods */
  readonly methods?: readonly (string | Method)[] | undefined;
  /** @default budget:0.5 */
  readonly schedules?: readonly (string | Schedule)[] | undefined;
  /** Recovery for every plan. @default 'none' */
  readonly recover?: string | readonly Recovery[] | undefined;
  /**
   * Number of folds for cross-validation: each fold is measured by plans that were made from the other images.
   * Without it, the unseen images measure.
   */
  readonly folds?: number | undefined;
  /** Largest number of images to measure on. @default all */
  readonly limit?: number | undefined;
  /** Timed pairs of dense and slimmed for each plan; 0 for none. @default 0 */
  readonly runs?: number | undefined;
}

/** A method that cannot reach a schedule, with the reason. */
export interface Refused {
  readonly method: string;
  readonly schedule: string;
  readonly reason: string;
}

/** The result of `compare`. */
export interface Compared extends Comparison {
  /**
   * The plans of the first fold, in the order of `plans`. With the same images, seed and options, `slim` makes the
   * same plans.
   */
  readonly made: readonly MadePlan[];
  readonly refused: readonly Refused[];
}

/**
 * Compares methods: makes the same plans as `slim`, and measures them on the same unseen images.
 *
 * @throws as `slim`; INVALID_ARGUMENT when no method can reach any schedule; DATA_INVALID for fewer images than folds
 * @example
 * const { plans } = await compare(model, images, { methods: ['ward', 'tome'], schedules: ['budget:0.5'], runs: 20 });
 */
export async function compare(
  model: VitModel,
  images: Images,
  options: CompareOptions = {},
): Promise<Compared> {
  const { methods = allMethods, schedules = [defaults.schedule], recover, runs = 0 } = options;
  const requests = methods.flatMap((method) =>
    schedules.map((schedule) => readRequest({ method, schedule, recover }, model.config)),
  );
  const parts = await (options.folds === undefined ? heldOut : folded)(model, images, options);
  const kept: PlanRequest[] = [];
  const refused: Refused[] = [];
  const plans = parts.map((): MadePlan[] => []);
  for (const [done, request] of requests.entries()) {
    const made = await orRefusal(request, async () => {
      const all: MadePlan[] = [];
      // Each plan is a separate job: they share no saved parts such as searched blocks.
      for (const { job } of parts)
        all.push(await makePlan({ ...job, saved: savedInMemory(), onProgress: undefined }, request));
      return all;
    });
    options.onProgress?.({ stage: 'make plans', done: done + 1, total: requests.length, unit: 'steps' });
    if ('reason' in made) refused.push(made);
    else {
      kept.push(request);
      for (const [fold, plan] of made.entries()) plans[fold]!.push(plan);
    }
  }
  if (kept.length === 0) {
    const [first] = refused;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `no method can do the schedule; ${first ? `${first.method}, ${first.schedule}: ${first.reason}` : 'no method was given'}`,
      { refused },
    );
  }
  const folds = parts.map(({ measure }, fold): Fold => ({ plans: plans[fold]!, images: measure }));
  const { batchSize } = parts[0]!.job;
  const { signal, onProgress } = options;
  const comparison = await measurePlans(model, folds, { batchSize, signal, onProgress, runs });
  // `auto` may choose another method in every fold.
  const figures = comparison.plans.map((plan, i) => ({ ...plan, method: kept[i]!.specs[0]! }));
  return { ...comparison, plans: figures, made: plans[0]!, refused };
}

/** A job, and the unseen images. */
interface Part {
  readonly job: Job;
  readonly measure: ImageSet;
}

async function heldOut(model: VitModel, images: Images, options: CompareOptions): Promise<Part[]> {
  const { job, unseen } = await openJob(model, images, options, true, []);
  if (unseen!.count > 0) return [{ job, measure: limited(unseen!, options.limit) }];
  const message = `compare(): all ${job.images!.count} images of '${unseen!.name}' calibrate, and none is left to measure on`;
  throw new PatchslimError('DATA_INVALID', message);
}

async function folded(model: VitModel, images: Images, options: CompareOptions): Promise<Part[]> {
  const { seed = defaults.seed, calibrate = defaults.calibrate, signal, onProgress, mostBytes } = options;
  const folds = options.folds!;
  const set = imagesFor(model, images, options);
  const all = await readableSet(set, { signal, onProgress, mostBytes });
  if (all.count < folds || folds < 2) {
    throw new PatchslimError(
      folds < 2 ? 'INVALID_ARGUMENT' : 'DATA_INVALID',
      `compare(): expected at least 2 folds and an image for each, got ${folds} folds of ${all.count} images of '${all.name}'`,
    );
  }
  const { chosen } = splitExamples(range(all.count), Math.min(options.limit ?? Infinity, all.count), seed);
  const dealt = shuffled(chosen, createRandom(seed));
  return Promise.all(
    range(folds).map(async (fold) => {
      const others = dealt.filter((_, i) => i % folds !== fold);
      const drawn = splitExamples(others, Math.min(calibrate, others.length), seed).chosen;
      const measure = dealt.filter((_, i) => i % folds === fold);
      const job = await jobOn(model, subset(all, drawn), options, []);
      return { job, measure: subset(all, measure) };
    }),
  );
}

const limited = (images: ImageSet, limit = Infinity): ImageSet =>
  limit < images.count ? subset(images, range(limit)) : images;

async function orRefusal<T>(request: PlanRequest, make: () => Promise<T>): Promise<T | Refused> {
  try {
    return await make();
  } catch (error) {
    if (!isTooSmallBudget(error) && !isPatchslimError(error, 'PLAN_INVALID')) throw error;
    const [method, schedule] = request.specs;
    return { method: method!, schedule: schedule!, reason: (error as Error).message };
  }
}
