/** A job: a model, the images for a plan, and everything else needed to make plans. */

import {
  folderSet,
  readableSet,
  splitExamples,
  subset,
  type ImageBatchOptions,
  type ImageFolder,
  type ImageSet,
} from '@patchslim/datasets';
import type { PlanStep } from '@patchslim/slimming-schedules';
import { PatchslimError, range, type LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { defaults } from '../defaults.js';
import { jobKey } from './job-key.js';
import { openSaved, type Saved } from './saved.js';

/** Options of every job. */
export interface JobOptions extends LongCallOptions, Pick<ImageBatchOptions, 'corrupt' | 'onSkip'> {
  /** Seed of every random draw. @default 0 */
  readonly seed?: number | undefined;
  /** Images per batch. @default 8 */
  readonly batchSize?: number | undefined;
  /** Number of images for the plan, drawn with the seed. @default 256, but at most half of the images */
  readonly calibrate?: number | undefined;
  /** Folder for finished parts: after an interruption the same job continues from there. Node only. */
  readonly resume?: string | undefined;
  /** Receives each finished step of the plan. */
  readonly onStep?: ((step: PlanStep) => void) | undefined;
  /** Memory for decoded images, bytes. Images that need more are decoded on each use. @default 1e9 */
  readonly mostBytes?: number | undefined;
}

/** Everything needed to make plans. */
export interface Job extends LongCallOptions {
  readonly model: VitModel;
  /** The decoded images for the plan; undefined if none is needed. */
  readonly images: ImageSet | undefined;
  readonly seed: number;
  readonly batchSize: number;
  readonly saved: Saved;
  readonly onStep: (step: PlanStep) => void;
}

/** An image set, or a folder that is decoded with the model's preprocessing. */
export type Images = ImageSet | ImageFolder;

/**
 * Draws the images of a job and decodes them.
 *
 * @param usesImages whether the plan uses images; if not, all images are unseen
 * @param specs texts that the result depends on, besides the model, the images and the seed
 * @returns the job, and the unseen images
 * @throws INVALID_ARGUMENT when images are needed and missing; DATA_INVALID for labels without a class in the model,
 *   and when no image can be decoded; errors of decoding; ABORTED
 */
export async function openJob(
  model: VitModel,
  images: Images | undefined,
  options: JobOptions,
  usesImages: boolean,
  specs: readonly string[],
): Promise<{ readonly job: Job; readonly unseen: ImageSet | undefined }> {
  const all = images && imagesFor(model, images, options);
  if (!all || !usesImages) {
    if (!usesImages) return { job: await jobOn(model, undefined, options, specs), unseen: all };
    throw new PatchslimError('INVALID_ARGUMENT', `${nameOf(specs)}: expected images, got none`);
  }
  const count = calibratingCount(all.count, options.calibrate);
  if (count < 1) {
    const message = `${nameOf(specs)}: expected at least 1 image to make the plan with, got ${count}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { calibrate: count });
  }
  const { chosen, rest } = splitExamples(range(all.count), count, options.seed ?? defaults.seed);
  const job = await jobOn(model, subset(all, chosen), options, specs);
  return { job, unseen: subset(all, rest) };
}

const nameOf = (specs: readonly string[]): string => specs.filter((spec) => spec !== '').join(', ');

/** A job in which all of the images have a part. */
export async function jobOn(
  model: VitModel,
  images: ImageSet | undefined,
  options: JobOptions,
  specs: readonly string[],
): Promise<Job> {
  const { seed = defaults.seed, batchSize = defaults.batchSize } = options;
  const { mostBytes, signal, onProgress, onStep } = options;
  const key = () => jobKey(model, images, [...specs, seed, batchSize], { signal });
  return {
    ...{ model, seed, batchSize, signal, onProgress },
    images: images && (await readableSet(images, { signal, onProgress, mostBytes })),
    saved: openSaved(options.resume, key),
    onStep: (step) => onStep?.(step),
  };
}

/** The images with the model's preprocessing. @throws DATA_INVALID for labels without a class in the model */
export function imagesFor(
  model: VitModel,
  images: Images,
  { corrupt, onSkip }: Pick<JobOptions, 'corrupt' | 'onSkip'> = {},
): ImageSet {
  if (!('examples' in images)) return images;
  return folderSet(images, model, { ...(corrupt && { corrupt }), ...(onSkip && { onSkip }) });
}

/** Number of images for the plan: 256 by default, but at most half, so that the others can evaluate it. */
export function calibratingCount(images: number, wanted: number | undefined): number {
  if (wanted === undefined) return Math.max(1, Math.min(defaults.calibrate, Math.floor(images / 2)));
  return Math.min(wanted, images);
}

/** The images of a job. @throws INVALID_ARGUMENT when there are none */
export function imagesOf({ images }: Job, where: string): ImageSet {
  if (images) return images;
  throw new PatchslimError('INVALID_ARGUMENT', `${where}: expected images, got none`);
}
