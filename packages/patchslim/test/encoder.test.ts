/** Weights without a head: features, and no classes. */

import { canonicalShapes, writeSafetensors } from '@patchslim/vit-models';
import { float32, sizeOf } from '@patchslim/tensor';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fromPretrained, slim } from '../src/index.js';
import { runMain } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyImages } from './tiny-model.js';

it('embed gives features; classify, run and eval say that there is no head', async () => {
  const folder = await temporaryFolder();
  const weights = join(folder, 'encoder.safetensors');
  const tensors = [...canonicalShapes(tinyConfig)]
    .filter(([name]) => !name.startsWith('head.'))
    .map(([name, shape]) => [name, float32(shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i) / 4))] as const); // prettier-ignore
  await writeSafetensors(weights, new Map(tensors));
  const images = await writeTinyImages(join(folder, 'images'), 1);
  const image = join(images, '0000.png');

  const model = await fromPretrained(weights, { heads: 1 });
  const { model: slimmed } = await slim(model, undefined, { method: 'tome' });
  expect(await slimmed.embed(image)).toHaveLength(tinyConfig.width);
  await expect(slimmed.classify(image)).rejects.toThrow(/no head, so there are no classes; use embed/);
  await slimmed.close();
  await model.backend.close();

  for (const command of [
    ['run', 'custom', image],
    ['eval', 'custom', '--data', images],
  ]) {
    const { status, stderr } = await runMain([...command, '--weights', weights, '--heads', '1']);
    expect(stderr).toMatch(/the model is an encoder[\s\S]*no head, so there are no classes/);
    expect(status).toBe(1);
  }
  const { stderr } = await runMain(['run', 'custom', image, '--weights', weights]);
  expect(stderr).toMatch(
    /cannot tell the attention heads of timm's weights.*--heads.* \[CHECKPOINT_INVALID\]/,
  );
});
