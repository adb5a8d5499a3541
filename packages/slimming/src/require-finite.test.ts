/** Weights whose results are not finite. */

import { expect, it } from 'vitest';
import { smallImages } from '../test/image-files.js';
import { smallModel } from '../test/small-model.js';
import { evaluate, patchSlimming, slim } from './index.js';

/** The small model with a first block that overflows in any precision. */
async function overflowing() {
  const model = await smallModel();
  const [first, ...rest] = model.params.blocks;
  const bias = model.backend.constant({
    shape: first!.mlp2.bias.shape,
    dtype: 'float32',
    data: new Float32Array(model.config.width).fill(Number.NaN),
  });
  const blocks = [{ ...first!, mlp2: { ...first!.mlp2, bias } }, ...rest];
  return { ...model, params: { ...model.params, blocks } };
}

it('evaluation names the image', async () => {
  const run = evaluate(await overflowing(), await smallImages(3), { batchSize: 2 });
  await expect(run).rejects.toMatchObject({
    code: 'NUMERICAL',
    message: expect.stringMatching(/predict\(\): logits of '00.png': .* got NaN/) as string,
  });
});

it.each([
  ['dense', 'keep-ratio:0.5@2'],
  ['slimmed', 'keep-ratio:0.5@2'],
  ['dense', 'top-down:tolerance=0.1'],
] as const)('scores with %s deeper blocks name the block, under %s', async (deeperBlocks, schedule) => {
  const run = slim(await overflowing(), await smallImages(3), {
    ...{ method: patchSlimming({ deeperBlocks }), schedule, batchSize: 2 },
  });
  await expect(run).rejects.toMatchObject({
    code: 'NUMERICAL',
    message: expect.stringMatching(/scores of block \d+: .* got NaN/) as string,
  });
});
