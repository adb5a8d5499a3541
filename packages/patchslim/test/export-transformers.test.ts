/** `patchslim export --transformers-js`: a folder that transformers.js opens. That it does is tested in `docs`. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { deitPreprocessing } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { checkTransformersPreprocessing } from '../src/transformers-js.js';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyModel } from './tiny-model.js';

const side = tinyConfig.imageSize;
const pixels = Float32Array.from({ length: 2 * 3 * side * side }, (_, i) => Math.sin(i));

async function logitsOf(file: string, input: string, images: number): Promise<number[]> {
  const session = await ort.InferenceSession.create(file);
  expect(session.inputNames).toEqual([input]);
  const data = pixels.subarray(0, images * 3 * side * side);
  const { logits } = await session.run({ [input]: new ort.Tensor('float32', data, [images, 3, side, side]) });
  await session.release();
  return [...(logits!.data as Float32Array)];
}

it(
  'writes graph, classes and preprocessing where transformers.js looks for them',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
    const names = join(folder, 'names.txt');
    await writeFile(names, 'ant\nbee\ncat\ndog\nn01440764 elk\n');
    const [file, site] = [join(folder, 'tiny.onnx'), join(folder, 'site')];
    const args = ['export', 'custom', '--weights', weights];
    await runMainJson(...args, '--onnx', file);
    const exported = await runMainJson(...args, '--transformers-js', site, '--labels', names);
    expect(exported).toMatchObject({
      folder: site,
      path: join(site, 'onnx/model.onnx'),
      input: 'pixel_values',
      form: 'portable',
      batch: 'dynamic',
    });

    const one = await logitsOf(file, 'images', 1);
    const two = await logitsOf(join(site, 'onnx/model.onnx'), 'pixel_values', 2);
    expect(two).toHaveLength(2 * tinyConfig.classes);
    for (const [i, value] of one.entries()) expect(two[i]).toBeCloseTo(value, 4);

    const json = async (name: string) => JSON.parse(await readFile(join(site, name), 'utf8')) as object;
    expect(await json('config.json')).toMatchObject({
      model_type: 'vit',
      hidden_size: tinyConfig.width,
      id2label: { 0: 'ant', 4: 'elk' },
      label2id: { ant: 0, elk: 4 },
      'transformers.js_config': { dtype: 'fp32' },
    });
    expect(await json('preprocessor_config.json')).toMatchObject({
      size: { shortest_edge: Math.floor((side * 256) / 224) },
      crop_size: { height: side, width: side },
      resample: 1,
      image_mean: [0.485, 0.456, 0.406],
    });

    // A second file of fewer bits lies beside the first, and is then the one that is taken.
    const int8 = await runMain([...args, '--transformers-js', site, '--dtype', 'int8']);
    expect(int8.stdout).toContain(join(site, 'preprocessor_config.json'));
    expect((await readdir(join(site, 'onnx'))).toSorted()).toEqual(['model.onnx', 'model_quantized.onnx']);
    expect(await json('config.json')).toMatchObject({
      id2label: { 0: 'class 0' },
      'transformers.js_config': { dtype: 'q8' },
    });
  },
);

it('refuses a border that transformers.js cannot draw, before anything is written', () => {
  const preprocessing = { ...deitPreprocessing(16), resize: { to: 'longest', size: 18 } } as const;
  expect(() => checkTransformersPreprocessing({ preprocessing })).not.toThrow();
  const coloured = { ...preprocessing, fill: [124, 116, 104] } as const;
  expect(() => checkTransformersPreprocessing({ preprocessing: coloured })).toThrow(
    /colour 124 116 104 .*use --onnx/,
  );
});

it('refuses two targets, and none', { timeout: 60_000 }, async () => {
  const both = await runMain(['export', 'deit-tiny', '--onnx', 'x.onnx', '--transformers-js', 'x']);
  expect(both).toMatchObject({ status: 2, stdout: '' });
  expect(both.stderr).toContain('--onnx and --transformers-js exclude each other');
  const neither = await runMain(['export', 'deit-tiny']);
  expect(neither.status).toBe(2);
  expect(neither.stderr).toContain('--onnx or --transformers-js is missing');
});
