/** `patchslim export`: what the options make of the file. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { patchslim, patchslimJson } from './patchslim.js';
import { temporaryFolder, tinyConfig, writeTinyModel } from './tiny-model.js';

interface Exported {
  readonly bytes: number;
  readonly dtype: string;
  readonly operators: Record<string, number>;
}

it('stores weights in fewer bits on request', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'), { ...tinyConfig, width: 128 });
  const args = ['export', 'custom', '--weights', weights];
  const run = async (dtype: string): Promise<Exported> => {
    const onnx = join(folder, `${dtype}.onnx`);
    const exported = await patchslimJson<Exported>(...args, '--onnx', onnx, '--dtype', dtype);
    expect(exported).toMatchObject({ dtype, bytes: (await stat(onnx)).size });
    return exported;
  };
  const [whole, half, int8] = [await run('float32'), await run('float16'), await run('int8')];
  expect(half.bytes / whole.bytes).toBeLessThan(0.55);
  expect(int8.bytes / whole.bytes).toBeLessThan(0.35);
  // Query, key, value, projection and two of the MLP in each block; the patches. The head is small.
  expect(whole.operators['MatMulInteger']).toBeUndefined();
  expect(int8.operators['MatMulInteger']).toBe(6 * tinyConfig.depth + 1);

  const onnx = join(folder, 'usual.onnx');
  const usual = await patchslim([...args, '--onnx', onnx]);
  expect(usual.stdout).toMatch(/^weights +float32$/m);
  expect((await stat(onnx)).size).toBe(whole.bytes);

  const wrong = await patchslim([...args, '--onnx', onnx, '--dtype', 'int4']);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("--dtype: expected float32 or float16 or int8, got 'int4'");
});
