/** Common setup of the measurements. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder, sampleExamples } from '@patchslim/datasets';
import { countsSchedule, figure5Counts } from '@patchslim/slimming-schedules';
import { fromPretrained, placeModel } from '@patchslim/vit-models';
import { patchSlimming, slim, type PatchSlimmingOptions } from '../src/index.js';
import type { RealData } from '@patchslim/testing';

export const batchSize = 8;

/** DeiT-Tiny on the native backend, and `count` images. */
export async function setUp(data: RealData, count: number) {
  const checkpoint = await fromPretrained(data.weights);
  const model = placeModel(await createOnnxBackend(), checkpoint);
  const examples = sampleExamples((await openImageFolder(data.images)).examples, count, 0);
  return { checkpoint, model, examples, images: imageSet('imagenet_sample', examples, model.preprocessing) };
}

export type Setup = Awaited<ReturnType<typeof setUp>>;

/** State of the blocks after the scored one. */
export type DeeperBlocks = NonNullable<PatchSlimmingOptions['deeperBlocks']>;

/** The measured job: the paper's score and the paper's counts. */
export function slimByImpact({ model, images }: Setup, deeperBlocks: DeeperBlocks) {
  const method = patchSlimming({ deeperBlocks });
  const schedule = countsSchedule(figure5Counts);
  return slim(model, images, { method, schedule, calibrate: images.count, batchSize });
}
