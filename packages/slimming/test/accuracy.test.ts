/** Accuracy on real images through the whole pipeline: folder, decoding, preprocessing, network, figures. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder } from '@patchslim/datasets';
import { fromPretrained, placeModel } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { evaluate } from '../src/index.js';
import { requireRealData } from '@patchslim/testing';

it('of DeiT-Tiny is as published for these 1000 images', { timeout: 600_000 }, async (context) => {
  const data = requireRealData(context);
  const model = placeModel(await createOnnxBackend(), await fromPretrained(data.weights));
  const { examples } = await openImageFolder(data.images);
  const result = await evaluate(model, imageSet('imagenet_sample', examples, model.preprocessing), {
    batchSize: 8,
  });
  expect(result.images).toBe(1000);
  expect(Math.abs(result.top1! - 79.6)).toBeLessThanOrEqual(0.3);
  expect(Math.abs(result.top5! - 95.0)).toBeLessThanOrEqual(0.3);
});
