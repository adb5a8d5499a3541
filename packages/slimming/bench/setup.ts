/** What every measurement starts from. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder, sampleExamples } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { countsSchedule, figure5Counts } from '@patchslim/slimming-schedules';
import { fromPretrained, placeModel } from '@patchslim/vit-models';
import { slim, type AttentionMode } from '../src/index.js';
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

/** The job that is measured: the paper's estimator and the paper's counts. */
export function slimByImpact({ model, images }: Setup, attention: AttentionMode) {
  const estimator = findScore('impact');
  const schedule = countsSchedule(figure5Counts);
  return slim(model, images, { estimator, attention, schedule, keys: 'compact', seed: 0, batchSize });
}
