/** `patchslim export`: what the options make of the file. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyImages, writeTinyModel } from './tiny-model.js';

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
    const exported = await runMainJson<Exported>(...args, '--onnx', onnx, '--dtype', dtype);
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
  const usual = await runMain([...args, '--onnx', onnx]);
  expect(usual.stdout).toMatch(/^weights +float32$/m);
  expect((await stat(onnx)).size).toBe(whole.bytes);

  const wrong = await runMain([...args, '--onnx', onnx, '--dtype', 'int4']);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("--dtype: expected float32 or float16 or int8, got 'int4'");
});

it(
  'writes each form of the graph, and ONNX Runtime gives the same logits of all',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
    const plan = join(folder, 'plan.json');
    const model = ['custom', '--weights', weights];
    const byBudget = ['--method', 'tome', '--schedule', 'budget:0.8', '--evaluate', '0'];
    const images = await writeTinyImages(join(folder, 'images'), 2);
    const slim = ['slim', ...model, ...byBudget, '--data', images, '--out', folder];
    await runMainJson(...slim);
    const logits: Float32Array[] = [];
    const attention: Record<string, number | undefined> = {};
    for (const form of ['runtime', 'portable', 'webgpu']) {
      const onnx = join(folder, `${form}.onnx`);
      const args = ['export', ...model, '--plan', plan, '--onnx', onnx, '--form', form];
      const exported = await runMainJson<Exported & { form: string }>(...args);
      expect(exported.form).toBe(form);
      attention[form] = exported.operators['MultiHeadAttention'];
      logits.push(await logitsOf(onnx));
    }
    expect(attention).toEqual({ runtime: tinyConfig.depth, portable: undefined, webgpu: tinyConfig.depth });
    for (const other of logits.slice(1)) {
      for (const [i, value] of other.entries()) expect(value).toBeCloseTo(logits[0]![i]!, 4);
    }

    const wrong = await runMain(['export', ...model, '--onnx', join(folder, 'x.onnx'), '--form', 'fast']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("--form: expected portable or runtime or webgpu, got 'fast'");
  },
);

it('writes one file for each budget, by the method of a plan', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'), { ...tinyConfig, depth: 8 });
  const images = await writeTinyImages(join(folder, 'images'), 8);
  const model = ['custom', '--weights', weights];
  const slim = ['slim', ...model, '--data', images, '--evaluate', '0', '--out', folder];
  await runMainJson(...slim, '--method', 'tome', '--schedule', 'budget:0.7');
  const plan = ['--plan', join(folder, 'plan.json')];
  const asked = ['export', ...model, ...plan, '--onnx', join(folder, 'slim.onnx')];
  await runMainJson(...asked);

  const { files } = await runMainJson<{ files: { budget: number; path: string; macs: number }[] }>(
    ...[...asked, '--budgets', '0.7,0.9'],
  );
  expect(files.map(({ budget, path }) => [budget, path])).toEqual([
    [0.7, join(folder, 'slim-0.7.onnx')],
    [0.9, join(folder, 'slim-0.9.onnx')],
  ]);
  expect(files[0]!.macs).toBeLessThan(files[1]!.macs);
  const [less, more] = [await logitsOf(files[0]!.path), await logitsOf(files[1]!.path)];
  expect(less).toEqual(await logitsOf(join(folder, 'slim.onnx')));
  expect(more).not.toEqual(less);
  const text = await runMain([...asked, '--budgets', '0.9']);
  expect(text.stdout).toMatch(
    /^budget +multiply-accumulates +size +nodes +file\n0\.9 +\d+\.\d % .*slim-0\.9\.onnx$/m,
  );

  await runMainJson(...slim, '--method', 'dps', '--schedule', 'budget:0.7', '--images', '4');
  for (const [args, message] of [
    [
      [...asked, '--budgets', '0.7'],
      '--budgets: dps needs images for each plan; make the plans with patchslim slim',
    ],
    [['export', ...model, '--onnx', 'x.onnx', '--budgets', '0.7'], '--budgets needs --plan'],
    [
      ['export', ...model, ...plan, '--transformers-js', folder, '--budgets', '0.7'],
      '--budgets writes files for --onnx',
    ],
    [[...asked, '--budgets', '0.7,2'], "--budgets: expected a number from 0 to 1, got '2'"],
  ] as const) {
    const { status, stderr } = await runMain([...args]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  }
});

async function logitsOf(onnx: string): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(onnx);
  const side = tinyConfig.imageSize;
  const pixels = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i));
  const { logits } = await session.run({ images: new ort.Tensor('float32', pixels, [1, 3, side, side]) });
  await session.release();
  return logits!.data as Float32Array;
}
