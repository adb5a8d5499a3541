/** The main job: a model and images in; a slim plan, the slimmed model, and adapted weights if asked, out. */

import type { ImageSet } from '@patchslim/datasets';
import type { VitModel } from '@patchslim/vit-models';
import { openJob, type Images, type JobOptions } from './job/job.js';
import { requireBackendOf } from './latency/schedule-cost.js';
import { makePlan } from './make-plan.js';
import type { MadePlan } from './plan-by-method.js';
import { readRequest, type PlanOptions } from './request.js';
import { createSlimmedModel, type SlimmedModel } from './slimmed-model.js';

/** Options of `slim`. */
export interface SlimOptions extends JobOptions, PlanOptions {}

/** What `slim` gives. */
export interface Slimmed extends MadePlan {
  /** The model under the plan, with the adapted weights if there are any. Close it when done. */
  readonly model: SlimmedModel;
  /** The images that had no part in the plan: they judge it. Undefined where no images were given. */
  readonly unseen: ImageSet | undefined;
  /** Removes what `resume` keeps of this job: call it once the result is saved. @throws IO_FAILED */
  forget(): Promise<void>;
}

/**
 * Slims a model: finds out on images which tokens matter, and makes a plan under which the network computes only those. By
 * default it tries all methods at half of the multiply-accumulates and takes the one that changes the classes of the images
 * least. Labels are not looked at, unless a recovery is to learn them. The model is not changed. The same inputs and seed give
 * the same plan, byte for byte; a budget that is a time, only together with the same measured times.
 *
 * @param images an image folder, or an image set; a method that chooses tokens while the network runs needs none
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT for what makes no sense, before any work; DATA_INVALID for too few images, labels that
 *   the model has no class for, or no image that can be decoded; NUMERICAL; ABORTED; IO_FAILED; what decoding throws
 * @example
 * const { plan, model: slimmed, unseen } = await slim(model, await openImageFolder('photos'));
 * await slim(model, images, { method: 'patch-slimming', schedule: 'top-down:tolerance=0.02', recover: 'block' });
 */
export async function slim(
  model: VitModel,
  images: Images | undefined,
  options: SlimOptions = {},
): Promise<Slimmed> {
  const request = readRequest(options, model.config);
  requireBackendOf(request.schedule, model, 'slim()');
  const { job, unseen } = await openJob(model, images, options, request.usesImages, request.specs);
  const made = await makePlan(job, request);
  return { ...made, model: createSlimmedModel(model, made), unseen, forget: () => job.saved.remove() };
}
