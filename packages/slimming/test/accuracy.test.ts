/** Accuracy on real images through the whole pipeline: folder, decoding, preprocessing, network, figures. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder } from '@patchslim/datasets';
import { fromPretrained, placeModel } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { evaluate } from '../src/index.js';
import { requireRealData } from '@patchslim/testing';
import { nightly } from '@patchslim/testing/by-day';

/** By day every fourth image. */
const wanted = nightly ? { images: 1000, top1: 79.6, top5: 95.0 } : { images: 250, top1: 83.2, top5: 95.2 };

it(
  `of DeiT-Tiny is as published for ${wanted.images} of 1000 images`,
  { timeout: 600_000 },
  async (context) => {
    const data = requireRealData(context);
    const model = placeModel(await createOnnxBackend(), await fromPretrained(data.weights));
    const { examples } = await openImageFolder(data.images);
    const chosen = examples.filter((_, i) => i % (1000 / wanted.images) === 0);
    const result = await evaluate(model, imageSet('imagenet_sample', chosen, model.preprocessing), {
      batchSize: 8,
    });
    expect(result.images).toBe(wanted.images);
    expect(Math.abs(result.top1! - wanted.top1)).toBeLessThanOrEqual(0.3);
    expect(Math.abs(result.top5! - wanted.top5)).toBeLessThanOrEqual(0.3);
  },
);
