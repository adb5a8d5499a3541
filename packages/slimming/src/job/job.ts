/** A job: a model, the images that may have a part in a plan, and all that goes with making plans from them. */

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
  /** Decides every draw. @default 0 */
  readonly seed?: number | undefined;
  /** Images at a time. @default 8 */
  readonly batchSize?: number | undefined;
  /** Images that have a part in the plan, drawn with the seed. @default 256, half of the images at most */
  readonly calibrate?: number | undefined;
  /** Folder for finished parts: the same job, begun again after it was cut off, goes on behind them. Node only. */
  readonly resume?: string | undefined;
  /** Hears of each step of the plan when it is done. */
  readonly onStep?: ((step: PlanStep) => void) | undefined;
  /** Memory that decoded images may take, bytes; images that need more are decoded as often as they are used. @default 1e9 */
  readonly mostBytes?: number | undefined;
}

/** What makes plans. */
export interface Job extends LongCallOptions {
  readonly model: VitModel;
  /** The images that may have a part in the plan, decoded; undefined where none is needed. */
  readonly images: ImageSet | undefined;
  readonly seed: number;
  readonly batchSize: number;
  readonly saved: Saved;
  readonly onStep: (step: PlanStep) => void;
}

/** An image set, or a folder that is decoded as the model wants it. */
export type Images = ImageSet | ImageFolder;

/**
 * Draws the images of a job and decodes them.
 *
 * @param usesImages whether any image has a part; else all of them judge
 * @param specs that the result depends on beside the model, the images and the seed
 * @returns the job, and the images that have no part in it
 * @throws INVALID_ARGUMENT where images are needed and there are none; DATA_INVALID for labels that the model has no class for,
 *   and when no image can be decoded; what decoding throws; ABORTED
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
    const message = `${nameOf(specs)}: expected at least 1 image that has a part in the plan, got ${count}`;
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

/** The images as the model wants them. @throws DATA_INVALID for labels that the model has no class for */
export function imagesFor(
  model: VitModel,
  images: Images,
  decoding: Pick<JobOptions, 'corrupt' | 'onSkip'> = {},
): ImageSet {
  return 'examples' in images ? folderSet(images, model, decoding) : images;
}

/** How many images calibrate: 256 unless asked otherwise, but half of them at most, so that the others judge. */
export function calibratingCount(images: number, wanted: number | undefined): number {
  if (wanted === undefined) return Math.max(1, Math.min(defaults.calibrate, Math.floor(images / 2)));
  return Math.min(wanted, images);
}

/** The images of a job, for what needs some. */
export function imagesOf({ images }: Job, where: string): ImageSet {
  if (images) return images;
  throw new PatchslimError('INVALID_ARGUMENT', `${where}: expected images, got none`);
}
