/** The library as a user imports it, against what the command does. */

import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { decodeImage } from '@patchslim/datasets';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import {
  createSlimmedModel,
  exportOnnx,
  fromPretrained,
  imageFolder,
  openSlimmed,
  parsePlan,
  type VitModel,
} from '../src/index.js';
import { runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyImages, writeTinyModel } from './tiny-model.js';

async function logitsOf(file: string, model: VitModel, image: string): Promise<number[]> {
  const session = await ort.InferenceSession.create(file);
  const { imageSize } = model.config;
  const pixels = await decodeImage(image, model.preprocessing);
  const { logits } = await session.run({ images: new ort.Tensor(pixels, [1, 3, imageSize, imageSize]) });
  await session.release();
  return [...(logits!.data as Float32Array)];
}

it('classifies, saves, opens and exports what the command slimmed', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const { examples, labelled } = await imageFolder(await writeTinyImages(join(folder, 'images'), 2));
  expect([examples.length, labelled]).toEqual([2, true]);
  const image = examples[0]!.source as string;
  const merging = ['--method', 'ward', '--schedule', 'constant:12', '--evaluate', '0'];
  const args = ['custom', '--weights', weights];
  await runMainJson('slim', ...args, ...merging, '--data', join(folder, 'images'), '--out', folder);
  const file = join(folder, 'plan.json');

  const model = await fromPretrained(weights);
  expect(model.backend.name).toBe('native');
  const slimmed = createSlimmedModel(model, { plan: parsePlan(await readFile(file, 'utf8')) });
  const guesses = await slimmed.classify(image);
  expect(guesses).toHaveLength(tinyConfig.classes);
  const ran = await runMainJson<{ results: { classes: object[] }[] }>(
    ...['run', ...args, image, '--plan', file],
  );
  const named = guesses.map(({ label, ...guess }) => ({ ...guess, name: label }));
  expect(named).toEqual(ran.results[0]!.classes);

  await slimmed.save(join(folder, 'slim'));
  const opened = await openSlimmed(model.backend, join(folder, 'slim'));
  expect(await opened.classify(image)).toEqual(guesses);

  const onnx = join(folder, 'slim.onnx');
  const { bytes, operators } = await exportOnnx(opened, onnx, { form: 'portable' });
  expect((await stat(onnx)).size).toBe(bytes);
  expect(Object.keys(operators)).toContain('MatMul');
  const logits = await logitsOf(onnx, model, image);
  const largest = logits.indexOf(Math.max(...logits));
  expect(largest).toBe(guesses[0]!.index);
  const [first, second] = guesses;
  const odds = Math.exp(logits[first!.index]! - logits[second!.index]!);
  expect(odds).toBeCloseTo(first!.probability / second!.probability, 3);

  const dense = await exportOnnx(model, join(folder, 'dense.onnx'), { form: 'portable' });
  const kinds = (counts: object) => Object.keys(counts).length;
  expect(kinds(operators)).toBeGreaterThan(kinds(dense.operators)); // the dense network merges nothing
  await Promise.all([slimmed.close(), opened.close()]);
  await model.backend.close();
});

it('says which values options have, and writes nothing then', async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  await mkdir(join(folder, 'out'));
  const model = await fromPretrained(weights, { backend: createReferenceBackend() });
  expect(model.backend.name).toBe('reference');
  const path = join(folder, 'out/model.onnx');
  for (const wrong of [{ form: 'fast' }, { dtype: 'int4' }, { batch: 0 }, { batch: 'any' }]) {
    await expect(exportOnnx(model, path, wrong as object)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  }
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(fromPretrained(weights, { backend: 'nativ' })).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
});

it('auto takes the first backend that works', async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const { backend } = await fromPretrained(weights, { backend: 'auto' });
  await backend.close();
  await expect(fromPretrained(join(folder, 'none.safetensors'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
