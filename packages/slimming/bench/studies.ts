/** Setup of the recovery measurements: a model, images for the plan, and images for evaluation. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import {
  imageSet,
  openImageFolder,
  openSmallSet,
  pixelSet,
  takePixels,
  type ImageExample,
  type ImageSet,
} from '@patchslim/datasets';
import { modelFolder } from '@patchslim/fashion-vit';
import { range } from '@patchslim/tensor';
import { findRealData } from '@patchslim/testing';
import { fromPretrained, placeModel, type VitModel } from '@patchslim/vit-models';
import { fileURLToPath } from 'node:url';

export interface Study {
  readonly model: VitModel;
  /** Images for the plan: `slim` holds out an eighth of them to choose the best epoch. */
  readonly calibrating: ImageSet;
  readonly unseen: ImageSet;
  readonly batchSize: number;
}

/** DeiT-Tiny, and the images of the sample in two parts. */
export async function deitTiny(
  divide: (examples: readonly ImageExample[]) => Record<'calibrating' | 'unseen', readonly ImageExample[]>,
): Promise<Study> {
  const data = findRealData();
  if (!data) throw new Error('deit_tiny and imagenet_sample are absent; set PATCHSLIM_DATA');
  const model = placeModel(await createOnnxBackend(), await fromPretrained(data.weights));
  const { examples } = await openImageFolder(data.images);
  const { calibrating, unseen } = divide(examples);
  const set = (some: readonly ImageExample[]) => imageSet('imagenet_sample', some, model.preprocessing);
  return { model, calibrating: set(calibrating), unseen: set(unseen), batchSize: 8 };
}

/**
 * The embedded model: the first training images are used for the plan, the first test images for evaluation.
 * `everything`: the remaining training images.
 */
export async function fashion(
  calibrating: number,
  unseen: number,
): Promise<Study & { readonly everything: ImageSet }> {
  const model = placeModel(await createOnnxBackend(), await fromPretrained(fileURLToPath(modelFolder)));
  const folder = fileURLToPath(
    new URL('../../../node_modules/.cache/patchslim/fashion-mnist', import.meta.url),
  );
  const train = await openSmallSet('fashion-mnist', 'train', { folder });
  const test = await openSmallSet('fashion-mnist', 'test', { folder });
  const part = (pixels: typeof train, from: number, to: number) =>
    pixelSet(takePixels(pixels, range(to).slice(from)), model.preprocessing);
  return {
    model,
    calibrating: part(train, 0, calibrating),
    everything: part(train, calibrating, train.labels.length),
    unseen: part(test, 0, unseen),
    batchSize: 32,
  };
}
