/** What measurements of recoveries start from: a model, and images to learn from, to judge by, and that nothing has seen. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import {
  imageSet,
  openImageFolder,
  openSmallSet,
  pixelSet,
  splitExamples,
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
  readonly learn: ImageSet;
  readonly judge: ImageSet;
  readonly unseen: ImageSet;
  readonly batchSize: number;
}

/** DeiT-Tiny: of the images that calibrate 100 judge, the others are learned from. */
export async function deitTiny(
  divide: (examples: readonly ImageExample[]) => Record<'calibrating' | 'unseen', readonly ImageExample[]>,
): Promise<Study> {
  const data = findRealData();
  if (!data) throw new Error('deit_tiny and imagenet_sample are absent; set PATCHSLIM_DATA');
  const model = placeModel(await createOnnxBackend(), await fromPretrained(data.weights));
  const { examples } = await openImageFolder(data.images);
  const { calibrating, unseen } = divide(examples);
  const { chosen, rest } = splitExamples(calibrating, 100, 0);
  const set = (some: readonly ImageExample[]) => imageSet('imagenet_sample', some, model.preprocessing);
  return { model, learn: set(rest), judge: set(chosen), unseen: set(unseen), batchSize: 8 };
}

/**
 * The embedded model: the first training images are learned from, the next judge, the first test images are unseen.
 * `everything`: the training images behind these.
 */
export async function fashion(
  learning: number,
  judging: number,
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
  const behind = learning + judging;
  return {
    model,
    learn: part(train, 0, learning),
    judge: part(train, learning, behind),
    everything: part(train, behind, train.labels.length),
    unseen: part(test, 0, unseen),
    batchSize: 32,
  };
}
