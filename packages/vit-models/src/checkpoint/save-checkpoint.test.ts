import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomParams, tinyConfig } from '../../test/random-model.js';
import {
  augregPreprocessing,
  canonicalParams,
  canonicalShapes,
  checkpointOf,
  createCheckpoint,
  fromPretrained,
  placeModel,
  readParams,
  saveCheckpoint,
} from '../index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-save-'));
});
afterAll(() => rm(folder, { recursive: true }));

const configs = [tinyConfig, { ...tinyConfig, prefix: ['class', 'distillation'] as const }];

it.each(configs)(
  'canonical tensors are the way back from a parameter tree (distilled: $distilled)',
  (config) => {
    const random = createRandom(1);
    const tensors = new Map(
      [...canonicalShapes(config)].map(([name, shape]) => [
        name,
        float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => random()),
        ),
      ]),
    );
    const back = canonicalParams(config, readParams(config, tensors));
    expect(back).toEqual(tensors);
    expect([...back.keys()]).toEqual([...tensors.keys()]);
  },
);

it('a saved model comes back as it was', async () => {
  const config = { ...tinyConfig, layerNormEps: 1e-12 };
  const checkpoint = await createCheckpoint({
    config,
    preprocessing: augregPreprocessing(tinyConfig.imageSize, 1),
    params: randomParams(tinyConfig, 2),
    labels: ['a', 'b', 'c', 'd', 'e'],
    source: 'test',
  });
  await saveCheckpoint(join(folder, 'whole'), checkpoint);
  const back = await fromPretrained(join(folder, 'whole'));
  expect(back.fingerprint).toBe(checkpoint.fingerprint);
  expect({ ...back.config, name: 'test' }).toEqual(config);
  expect(back.preprocessing).toEqual(checkpoint.preprocessing);
  expect(back.labels).toEqual(checkpoint.labels);
});

it.each(configs)('a model on a backend gives its checkpoint back (distilled: $distilled)', async (config) => {
  const parts = { config, preprocessing: augregPreprocessing(config.imageSize, 1), source: 'test' };
  const checkpoint = await createCheckpoint({ ...parts, params: randomParams(config, 4) });
  const { source, ...back } = await checkpointOf(placeModel(createReferenceBackend(), checkpoint));
  expect({ ...back, source: 'test' }).toEqual(checkpoint);
  expect(source).toContain(config.name);
});

it.each([289, 303, 448])('a shorter side of %d comes back', async (resize) => {
  const config = { ...tinyConfig, imageSize: 288, patchSize: 144 };
  const preprocessing = {
    ...augregPreprocessing(288, 1),
    resize: { to: 'shortest', size: resize } as const,
  };
  const params = randomParams(config, 2);
  const path = join(folder, `side-${resize}`);
  await saveCheckpoint(path, await createCheckpoint({ config, preprocessing, params, source: 'test' }));
  expect((await fromPretrained(path)).preprocessing).toEqual(preprocessing);
});

it('a preprocessing that timm has no words for comes back, and leaves nothing of an earlier model', async () => {
  const preprocessing = {
    ...augregPreprocessing(tinyConfig.imageSize, 1),
    ...({ resize: { to: 'none' }, rescale: 1 } as const),
    rounding: 'down' as const,
  };
  const parts = { config: tinyConfig, params: randomParams(tinyConfig, 2), source: 'test' };
  const path = join(folder, 'twice');
  await saveCheckpoint(path, await createCheckpoint({ ...parts, preprocessing }));
  expect((await fromPretrained(path)).preprocessing).toMatchObject(preprocessing);
  const plain = augregPreprocessing(tinyConfig.imageSize);
  await saveCheckpoint(path, await createCheckpoint({ ...parts, preprocessing: plain }));
  const back = await fromPretrained(path);
  expect(back.preprocessing).toEqual(plain);
  expect(back).not.toHaveProperty('remarks');
});

it('float16 takes half the space and rounds to 11 bits', async () => {
  const checkpoint = await createCheckpoint({
    config: tinyConfig,
    preprocessing: augregPreprocessing(tinyConfig.imageSize, 1),
    params: randomParams(tinyConfig, 3),
    source: 'test',
  });
  await saveCheckpoint(join(folder, 'half'), checkpoint, { dtype: 'F16' });
  const back = await fromPretrained(join(folder, 'half'));
  for (const [name, { data }] of checkpoint.tensors) {
    const rounded = back.tensors.get(name)!.data;
    data.forEach((value, i) =>
      expect(Math.abs(rounded[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11),
    );
  }
});
