import { attentionProbabilities, float32, linear, log, reshape } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { placeParams, randomParams, tinyConfig } from '../../test/random-model.js';
import type { VitConfig } from '../config.js';
import { normed } from '../layers.js';
import { attentionPool } from './attention.js';

const config: VitConfig = { ...tinyConfig, prefix: [], pool: 'attention', headless: true };

it("the probe's attention, with keys folded into the query, is that of its softmax", async () => {
  const backend = createReferenceBackend();
  const { params } = placeParams(backend, config, randomParams(config, 3));
  const values = Float32Array.from({ length: 2 * 5 * 8 }, (_, i) => Math.sin(i));
  const tokens = backend.constant(float32([2, 5, 8], values));
  const sizes = backend.constant(
    float32(
      [2, 5, 1],
      Float32Array.from({ length: 10 }, (_, i) => 1 + (i % 3)),
    ),
  );
  const { probe, query, key } = params.pool!;
  const keys = linear(normed(config, params.norm!, tokens), key.weight, key.bias);
  const asked = linear(probe, query.weight, query.bias);
  const asks = backend.constant(
    float32([2, 1, 8], [...(await asked.data()), ...(await asked.data())] as number[]),
  );
  for (const size of [undefined, sizes]) {
    const bias = size && reshape(log(size), [2, 1, 1, 5]);
    const expected = await attentionProbabilities(asks, keys, config.heads, { bias }).data();
    const found = await attentionPool.attention!(config, params, {
      tokens,
      sizes: size,
      positions: [0, 1, 2, 3, 4],
    }).data();
    expect([...found]).toEqual([...expected].map((value) => expect.closeTo(value, 5) as number));
  }
});
