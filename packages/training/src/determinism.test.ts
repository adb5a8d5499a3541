/** One seed, one result: two training runs of a small vision transformer end with the same bits. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import {
  createRandom,
  disposeAll,
  float32,
  int32,
  sizeOf,
  type Backend,
  type Shape,
} from '@patchslim/tensor';
import { forward, initParams, mapParams, type VitConfig } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { adamW, cosine, createTrainer, crossEntropy, fit, type TrainerState } from './index.js';

/** 17 tokens. */
const config: VitConfig = {
  name: 'small',
  imageSize: 16,
  patchSize: 4,
  width: 32,
  depth: 2,
  heads: 2,
  mlpWidth: 64,
  classes: 5,
  layerNormEps: 1e-6,
};
const images: Shape = [8, 3, 16, 16];
const inputs = {
  images: { shape: images, dtype: 'float32' },
  labels: { shape: [8], dtype: 'int32' },
} as const;

/** Noise, the same for the same seed and epoch. */
// eslint-disable-next-line @typescript-eslint/require-await -- batches come as a stream
async function* batches(seed: number, epoch: number) {
  const random = createRandom(1000 * seed + epoch);
  for (let step = 0; step < 4; step++) {
    const pixels = Float32Array.from({ length: sizeOf(images) }, () => 2 * random() - 1);
    const labels = Int32Array.from({ length: 8 }, () => Math.floor(5 * random()));
    yield { images: float32(images, pixels), labels: int32([8], labels) };
  }
}

async function train(backend: Backend, seed: number): Promise<TrainerState> {
  const params = mapParams(initParams(config, seed), (host) => backend.constant(host));
  const trainer = await createTrainer({
    backend,
    params,
    inputs,
    loss: (params, { images, labels }) => crossEntropy(forward({ config, params }, images).logits, labels),
    optimizer: adamW(),
    clip: 1,
  });
  disposeAll(params);
  await fit(trainer, {
    epochs: 2,
    stepsPerEpoch: 4,
    rate: cosine({ peak: 1e-2 }),
    batches: (epoch) => batches(seed, epoch),
  });
  const state = await trainer.state();
  await trainer.dispose();
  return state;
}

it('two runs with one seed give the same weights, and another seed gives different ones', async () => {
  const first = await train(await createOnnxBackend(), 1);
  const second = await train(await createOnnxBackend(), 1);
  expect(first.steps).toBe(8);
  expect(second).toEqual(first);
  expect((await train(await createOnnxBackend(), 2)).params[0]).not.toEqual(first.params[0]);
});
