/** Plans that choose tokens per image: every backend and exported files give the logits of the reference. */

import { createOnnxBackend, createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import { vitMacs } from '@patchslim/flop-counter';
import type { HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { forward } from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareSpeed } from '../src/index.js';
import { largestDifference, logitTolerance } from './backends/compare.js';
import { backendsInTurn } from './backends/node-backends.js';
import { dynamicPlans, familyPlans, fourImages, logitsOf } from './dynamic-plans.js';
import { config, smallModel } from './small-model.js';

describe.each(dynamicPlans.map(([name, plan], index) => [name, plan, backendsInTurn(index)] as const))(
  'a plan %s',
  (_, plan, backends) => {
    let wanted: HostTensor;
    beforeAll(async () => {
      wanted = await logitsOf(createReferenceBackend(), plan);
    });

    it.each(backends)('runs on %s', async (_name, open) => {
      const backend = await open();
      const logits = await logitsOf(backend, plan);
      expect(logits.shape).toEqual([4, 7]);
      expect(largestDifference(logits.data, wanted.data)).toBeLessThan(logitTolerance);
      await backend.close();
    });

    it.each(['runtime', 'portable'] as const)('is exported for any batch size, form %s', async (form) => {
      const recorder = createOnnxRecorder({ form });
      const [model, images] = [await smallModel(recorder), await fourImages()];
      const row = images.shape.slice(1);
      const graph = recorder.record(
        (inputs) => ({ logits: forward(model, inputs.images, { plan }).logits }),
        { images: { shape: [1, ...row], dtype: 'float32' } },
        { batch: 'dynamic' },
      );
      expect(graph.nodes.some(({ op }) => op === 'TopK')).toBe(true);
      const session = await ort.InferenceSession.create(joinChunks(encodeModel(graph).model), {
        intraOpNumThreads: 1,
      });
      for (const count of [1, 3, 4]) {
        const part = images.data.slice(0, (count * images.data.length) / 4);
        const { logits } = await session.run({ images: new ort.Tensor('float32', part, [count, ...row]) });
        expect(logits!.dims).toEqual([count, 7]);
        const got = logits!.data as Float32Array;
        expect(largestDifference(got, wanted.data.slice(0, 7 * count))).toBeLessThan(logitTolerance);
      }
      await session.release();
    });

    it('is timed beside the dense model', async () => {
      const model = await smallModel(await createOnnxBackend({ threads: 1 }));
      const live = model.backend.memory.liveTensors;
      const [result] = await compareSpeed(model, plan, { batches: [2], runs: 1 });
      expect(result!.macRatio).toBe(vitMacs(config, plan).total / vitMacs(config).total);
      expect(result!.macRatio).toBeLessThan(0.8);
      expect(model.backend.memory.liveTensors).toBe(live);
    });
  },
);

it.each(
  familyPlans.flatMap((one, index) => backendsInTurn(index).map(([name, open]) => ({ name, open, ...one }))),
)('$config.name runs on $name under a plan that merges and picks', async ({ open, config, plan }) => {
  const wanted = await logitsOf(createReferenceBackend(), plan, config);
  const backend = await open();
  const { data } = await logitsOf(backend, plan, config);
  expect(largestDifference(data, wanted.data)).toBeLessThan(logitTolerance);
  await backend.close();
});
