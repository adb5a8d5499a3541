/** Every held-out image counts, for any number of images. Errors name unreadable files. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, type ImageSet } from '@patchslim/datasets';
import { densePlan, type VitModel } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { imageFiles } from '../../test/image-files.js';
import { config, preprocessing, smallModel, smallTensors } from '../../test/small-model.js';
import { predict } from '../evaluate.js';
import { trainNetwork } from './train-network.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const images = smallTensors(8, 1);

/** The loss on held-out images after an epoch that changes nothing. */
async function validationOn(heldBack: ImageSet, batchSize: number): Promise<number> {
  const { epochs } = await trainNetwork(model, images, {
    ...{ heldBack, batchSize, epochs: 1, rate: 1e-12, trainable: 'norms', seed: 0, plan: densePlan(config) },
    objective: { labels: 1, logits: 0, features: 0, smoothing: 0 },
    augment: { flip: false, shift: 0 },
  });
  return epochs[0]!.validation!;
}

/** Mean cross-entropy with the labels, from the logits. */
async function crossEntropyOn(some: ImageSet, network: VitModel): Promise<number> {
  const { logits, labels } = await predict(network, some, { batchSize: 5, keepLogits: true });
  const { classes } = config;
  const losses = Array.from(labels!, (label, image) => {
    const row = logits!.subarray(image * classes, (image + 1) * classes);
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label]!;
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

it.each([
  [6, 4],
  [3, 8],
  [8, 4],
  [9, 2],
])('%d images, %d per batch, all count', async (count, batchSize) => {
  const heldBack = smallTensors(count, 3);
  expect(await validationOn(heldBack, batchSize)).toBeCloseTo(await crossEntropyOn(heldBack, model), 5);
});

it('a skipped file is not counted, and an unreadable file is named', async () => {
  const files = await imageFiles(4, { labelled: true, corrupt: 1 });
  const set = (corrupt: 'skip' | 'error') => imageSet('photos', files, preprocessing, { corrupt });
  const good = imageSet('photos', files.toSpliced(1, 1), preprocessing);
  expect(await validationOn(set('skip'), 8)).toBeCloseTo(await crossEntropyOn(good, model), 5);
  await expect(validationOn(set('error'), 8)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringContaining('01.png') as string,
  });
  const none = imageSet('photos', [files[1]!], preprocessing, { corrupt: 'skip' });
  await expect(validationOn(none, 8)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringMatching(
      /at least one held-back image, got none of 'photos'; left out: '01.png'/,
    ) as string,
  });
});

it('unreadable training images are named, too', async () => {
  const files = await imageFiles(8, { labelled: true, corrupt: 5 });
  const learn = imageSet('photos', files, preprocessing, { corrupt: 'skip' });
  const training = trainNetwork(model, learn, {
    ...{
      batchSize: 4,
      epochs: 1,
      rate: 1e-12,
      trainable: 'norms',
      seed: 0,
      augment: { flip: false, shift: 0 },
    },
    objective: { labels: 1, logits: 0, features: 0, smoothing: 0 },
  });
  await expect(training).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringMatching(/take unreadable files out of the set; left out: '05.png': /) as string,
  });
});
