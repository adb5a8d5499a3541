/** `slim`: from a model and images to a slim plan, the slimmed model and, on request, adapted weights. */

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

/** The result of `slim`. */
export interface Slimmed extends MadePlan {
  /** The model under the plan, with the adapted weights if any. Close it when done. */
  readonly model: SlimmedModel;
  /** The images that the plan did not use, for evaluation. Undefined without images. */
  readonly unseen: ImageSet | undefined;
  /** Removes the `resume` files of this job: call it after you have saved the result. @throws IO_FAILED */
  forget(): Promise<void>;
}

/**
 * Slims a model: finds out on images which tokens matter, and makes a plan; with it the network computes only those
 * tokens. By default it tries all methods at half of the multiply-accumulates, and takes the one with the smallest KL
 * divergence from the dense network. It uses labels only for a recovery that learns them. The model is unchanged. The
 * same inputs and seed give the same plan, byte for byte; for a time budget, only with the same measured times.
 *
 * @param images an image folder or an image set; methods that choose tokens while the network runs need none
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT for invalid options, before any work; DATA_INVALID for too few images,
 *   labels without a class in the model, or no image that can be decoded; NUMERICAL; ABORTED; IO_FAILED; errors of
 *   decoding
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
