/** Exported files of networks like those of each family, dense and slimmed, give the logits of the reference. */

import { createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import type { HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { familyConfigs } from '@patchslim/testing';
import {
  densePlan,
  forward,
  placeModel,
  prefixPositions,
  tokenCount,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { largestDifference, logitTolerance } from './backends/compare.js';
import { reduceTo } from './reduce-to.js';
import { checkpointFor, imagesFor } from './small-model.js';

/** Dense, with fixed positions, and with rows that are merged and picked image by image. */
function plansOf(config: VitConfig): readonly (readonly BlockPlan[])[] {
  const prefix = prefixPositions(config);
  const patches = tokenCount(config) - prefix.length;
  const after = (share: number) => prefix.length + Math.ceil(share * patches);
  const keep = (...patches: readonly number[]): BlockPlan => {
    return { kind: 'keep', keep: [...prefix, ...patches.map((patch) => prefix.length + patch)], keys: 'all' };
  };
  return [
    densePlan(config),
    [keep(1, 2, 4, 7, 8), keep(4, 2), { kind: 'dense' }],
    [
      reduceTo(after(0.7), 'ward'),
      reduceTo(after(0.5), 'tome'),
      reduceTo(after(0.3), 'top-k', { score: { name: 'class-attention' }, rest: 'fuse' }),
    ],
  ];
}

async function pixelsOf(config: VitConfig): Promise<HostTensor<'float32'>> {
  for await (const { images } of imagesFor(config, 2).batches(2)) return images;
  throw new Error('no images');
}

describe.each<VitConfig>(familyConfigs)('a network like $name', (config) => {
  it.each(['runtime', 'portable'] as const)('is exported for any batch size, form %s', async (form) => {
    const checkpoint = await checkpointFor(config);
    const reference = placeModel(createReferenceBackend(), checkpoint);
    const images = await pixelsOf(config);
    const row = images.shape.slice(1);
    for (const plan of plansOf(config)) {
      const input = reference.backend.constant(images);
      const wanted = (await forward(reference, input, { plan }).logits.data()) as Float32Array;
      const recorder = createOnnxRecorder({ form });
      const model = placeModel(recorder, checkpoint);
      const graph = recorder.record(
        (inputs) => ({ logits: forward(model, inputs.images, { plan }).logits }),
        { images: { shape: [1, ...row], dtype: 'float32' } },
        { batch: 'dynamic' },
      );
      const session = await ort.InferenceSession.create(joinChunks(encodeModel(graph).model), {
        intraOpNumThreads: 1,
      });
      const { logits } = await session.run({ images: new ort.Tensor('float32', images.data, [2, ...row]) });
      expect(logits!.dims).toEqual([2, config.classes]);
      expect(largestDifference(logits!.data as Float32Array, wanted)).toBeLessThan(logitTolerance);
      await session.release();
    }
  });
});
