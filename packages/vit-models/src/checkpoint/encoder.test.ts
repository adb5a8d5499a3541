import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { float32, runOnHost } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import { encodeWeights, huggingFaceWeights, type Weights } from '../../test/checkpoint-fixtures.js';
import { goldenConfig, goldenWeights } from '../../test/golden-weights.js';
import { embed, forward, poolTokens, runBlocks } from '../forward.js';
import { placeModel } from '../model.js';
import { requireClasses } from '../head-activation.js';
import { fromPretrained } from './from-pretrained.js';
import { saveCheckpoint } from './save-checkpoint.js';

const weights = goldenWeights();
const body: Weights = new Map([...weights].filter(([name]) => !name.startsWith('head.')));
const config = { ...goldenConfig, classes: 8, headless: true };

it.each([
  ['timm', body],
  ['Hugging Face', new Map([...huggingFaceWeights(body, 'legacy', '')])],
  ['a pooler beside it', new Map([...body, ['pooler.dense.weight', weights.get('norm.bias')!]])],
])('weights without a head (%s) are an encoder, and a remark says so', async (_, named) => {
  const checkpoint = await fromPretrained(encodeWeights(named, 2));
  expect(checkpoint.config).toMatchObject({ ...config, layerNormEps: checkpoint.config.layerNormEps });
  expect(checkpoint.remarks).toEqual([
    expect.stringMatching(/no head: the model is an encoder/),
    expect.stringMatching(/^no file beside the weights/),
  ]);
  expect(checkpoint.remarks!.join()).toContain(checkpoint.ignored.join());
  expect(checkpoint).not.toHaveProperty('labels');
  expect(() => requireClasses(checkpoint.config, 'classify')).toThrow(
    /an encoder: it gives embeddings and has no classes; use embed/,
  );
  expect(() => requireClasses(goldenConfig, 'classify')).not.toThrow();
});

it('a head with half of its tensors is WEIGHTS_MISSING', async () => {
  const half = new Map([...body, ['head.bias', weights.get('head.bias')!]]);
  await expect(fromPretrained(encodeWeights(half, 2))).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' });
});

it('its logits are the features that its classifier would read', async () => {
  const backend = createReferenceBackend();
  const images = float32(
    [1, 3, 4, 4],
    Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)),
  );
  const outputs = async (named: Weights) => {
    const model = placeModel(backend, await fromPretrained(encodeWeights(named, 2)));
    const shape = { images: { shape: images.shape, dtype: 'float32' } } as const;
    const program = await backend.compile(
      (inputs) => ({
        logits: forward(model, inputs.images).logits,
        features: poolTokens(model, runBlocks(model, embed(model, inputs.images)).state)[0]!,
      }),
      shape,
    );
    return runOnHost(backend, program, { images });
  };
  const { logits } = await outputs(body);
  const { features } = await outputs(weights);
  expect(logits.shape).toEqual([1, 8]);
  expect(logits.data).toEqual(features.data);
});

it('is saved without a head, and read back as the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-encoder-'));
  try {
    const checkpoint = await fromPretrained(encodeWeights(body, 2));
    await saveCheckpoint(folder, checkpoint);
    const again = await fromPretrained(folder);
    expect(again.config).toEqual(checkpoint.config);
    expect(again.fingerprint).toBe(checkpoint.fingerprint);
    expect((await fromPretrained(join(folder, 'model.safetensors'))).config.heads).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
