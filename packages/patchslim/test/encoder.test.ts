/** Encoders through all commands: without a head, and with a projection as CLIP has it. That transformers.js opens them is tested in `docs`. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImage } from '@patchslim/datasets';
import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import {
  canonicalShapes,
  deitPreprocessing,
  saveCheckpoint,
  writeSafetensors,
  type VitConfig,
} from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOnnx, fromPretrained, slim } from '../src/index.js';
import { runMain, runMainJson } from './main.js';
import { tinyConfig, writeDifferentImages } from './tiny-model.js';

const side = tinyConfig.imageSize;
const projecting: VitConfig = { ...tinyConfig, projection: true, headBias: false };
const headless: VitConfig = { ...tinyConfig, headless: true, classes: tinyConfig.width };

let folder: string;
let images: string;
let photo: string;
const place = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-encoder-'));
  images = await writeDifferentImages(place('images'), 24);
  photo = join(images, '0003.png');
  for (const [name, config] of [
    ['clip', projecting],
    ['dino', headless],
  ] as const) {
    // prettier-ignore
    const random = createRandom(1);
    const tensors = [...canonicalShapes(config)].map(([key, shape]) => [key, float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => 1.2 * (random() - 0.5)))] as const); // prettier-ignore
    await saveCheckpoint(place(name), {
      config,
      preprocessing: deitPreprocessing(side),
      tensors: new Map(tensors),
    });
  }
  const texts = Object.fromEntries(
    ['ant', 'bee', 'cat', 'dog', 'elk'].map((name, c) => [
      name,
      [0, 1, 2, 3, 4].map((i) => Math.sin(7 * c + i)),
    ]),
  );
  await writeFile(place('texts.json'), JSON.stringify(texts));
});
afterAll(() => rm(folder, { recursive: true }));

const named = (model: string) => ['custom', '--weights', place(model)];

describe.each([
  ['clip', tinyConfig.classes],
  ['dino', tinyConfig.width],
])('%s', (model, width) => {
  it('inspect, run and eval know that it gives an embedding', async () => {
    const { stdout } = await runMain(['inspect', place(model)]);
    expect(stdout).toMatch(/^classifier +none: an encoder/m);
    expect(stdout).not.toContain('class names');

    const { results } = await runMainJson<{ results: { embedding: number[]; classes?: unknown }[] }>(
      'run',
      ...named(model),
      photo,
    );
    expect(results[0]!.embedding).toHaveLength(width);
    expect(results[0]).not.toHaveProperty('classes');
    const opened = await fromPretrained(place(model));
    const { model: slimmed } = await slim(opened, undefined, { method: 'tome', schedule: 'constant:0' });
    const own = await slimmed.embed(photo);
    results[0]!.embedding.forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 4));
    await slimmed.close();
    await opened.backend.close();
    const printed = await runMain(['run', ...named(model), photo]);
    expect(printed.stdout).toContain(`embedding of ${width} numbers`);

    const dense = await runMain(['eval', ...named(model), '--data', images]);
    expect(dense.status, dense.stderr).toBe(0);
    expect(dense.stdout).not.toMatch(/top-1|class/);
  });

  it('slim writes a plan and a report by the cosine; eval and compare say the same', async () => {
    const out = place(`out-${model}`);
    const args = [
      '--method',
      'tome',
      '--schedule',
      'budget:0.73',
      '--images',
      '12',
      '--recover',
      'distill:epochs=1',
    ];
    const { status, stdout, stderr } = await runMain([
      'slim',
      ...named(model),
      '--data',
      images,
      '--out',
      out,
      ...args,
    ]);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/distill.*1 − cosine 0\.\d+/);
    expect(stdout).toMatch(/^cosine to dense, mean +0\.9\d{3}$/m);
    expect(stdout).toMatch(/^same 10 nearest images as dense +\d/m);
    expect(stdout).not.toMatch(/top-1|same class/);
    const html = await readFile(join(out, 'report.html'), 'utf8');
    expect(html).toContain('Cosine to the dense embedding: 0.9');
    expect(html).not.toMatch(/true class|>KL/);

    const data = ['--data', images, '--plan', join(out, 'plan.json'), '--weights', join(out, 'model')];
    const judged = await runMainJson<{ embedding: { cosine: number } }>('eval', 'custom', ...data);
    expect(judged.embedding.cosine).toBeGreaterThan(0.9);
    expect(judged).not.toHaveProperty('top1');

    const comparing = [
      '--methods',
      'tome,ward',
      '--schedules',
      'budget:0.73',
      '--runs',
      '0',
      '--out',
      place(`c-${model}`),
    ];
    const compared = await runMain(['compare', ...named(model), '--data', images, ...comparing]);
    expect(compared.stdout).toMatch(
      /^method +schedule +MACs +cosine to dense +first percentile +same nearest image/m,
    );
    expect(await readdir(place(`c-${model}`))).toContain('cosine-by-macs.svg');
  });

  it('exports features and patch tokens that serve as the library gives them', async () => {
    const opened = await fromPretrained(place(model));
    const { model: slimmed } = await slim(opened, undefined, { method: 'ward', schedule: 'budget:0.73' });
    const wanted = [
      await slimmed.embed(photo),
      (await slimmed.patchTokens(photo, { norm: true }))[0]!.tokens,
    ] as const;
    const pixels = await decodeImage(photo, opened.preprocessing);
    for (const form of ['runtime', 'portable'] as const) {
      const file = place(`${model}-${form}.onnx`);
      const outputs = ['features', 'last_hidden_state'] as const;
      const exported = await exportOnnx(slimmed, file, { form, batch: 'dynamic', outputs });
      expect(exported.outputs).toEqual(outputs);
      const session = await ort.InferenceSession.create(file);
      const twice = Float32Array.from([...pixels, ...pixels]);
      const found = await session.run({ images: new ort.Tensor('float32', twice, [2, 3, side, side]) });
      await session.release();
      expect(found['features']!.dims).toEqual([2, width]);
      expect(found['last_hidden_state']!.dims).toEqual([2, 65, tinyConfig.width]);
      wanted[0].forEach((value, i) =>
        expect((found['features']!.data as Float32Array)[i]).toBeCloseTo(value, 3),
      );
      wanted[1].data.forEach((value, i) =>
        expect((found['last_hidden_state']!.data as Float32Array)[i]).toBeCloseTo(value, 3),
      );
    }
    await expect(exportOnnx(slimmed, place('x.onnx'), { outputs: ['logits'] })).rejects.toThrow(
      /logits: the model is an encoder/,
    );
    await slimmed.close();
    await opened.backend.close();
  });
});

it('zero-shot: text embeddings make a classifier of it', async () => {
  const text = ['--text-embeddings', place('texts.json')];
  const dense = await runMain(['eval', ...named('clip'), '--data', images, ...text]);
  expect(dense.stdout).toMatch(/^top-1 +\d+\.\d %/m);
  const out = place('zero-shot');
  const slimming = ['--method', 'tome', '--schedule', 'budget:0.73', '--out', out];
  const { status, stdout, stderr } = await runMain([
    'slim',
    ...named('clip'),
    '--data',
    images,
    ...text,
    ...slimming,
  ]);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^top-1 +\d+\.\d %/m);
  expect(stdout).toMatch(/^same class as dense +\d+\.\d %/m);
  expect(stdout).toMatch(/^KL of the zero-shot classes +\d/m);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toMatch(/true class: <bdi>(ant|bee|cat|dog|elk)</);

  // Two classes by another scale, of which the folder's labels are more.
  await writeSafetensors(
    place('two.safetensors'),
    new Map([
      [
        'text',
        float32(
          [2, 5],
          Float32Array.from({ length: 10 }, (_, i) => i % 3),
        ),
      ],
    ]),
  );
  const two = ['--text-embeddings', place('two.safetensors'), '--logit-scale', '20'];
  const { stderr: refusal } = await runMain(['eval', ...named('clip'), '--data', images, ...two]);
  expect(refusal).toMatch(/has class 2, but the model has 2 classes/);
  const misfit = await runMain(['eval', ...named('dino'), '--data', images, ...text]);
  expect(misfit.stderr).toMatch(
    /text embeddings have 5 numbers, and the image embeddings of 'custom' have 64/,
  );
  const alone = await runMain(['eval', ...named('clip'), '--data', images, '--logit-scale', '20']);
  expect(alone).toMatchObject({ status: 2 });
});

it.each([
  ['clip', 'vision_model.onnx', 'CLIPVisionModelWithProjection', ['image_embeds']],
  ['dino', 'model.onnx', 'ViTModel', ['last_hidden_state', 'pooler_output']],
])(
  'the transformers.js folder of %s has what its pipeline reads',
  async (model, file, architecture, outputs) => {
    const site = place(`site-${model}`);
    const exported = await runMainJson<{ path: string; outputs: string[] }>(
      'export',
      ...named(model),
      '--transformers-js',
      site,
    );
    expect(exported).toMatchObject({ path: join(site, 'onnx', file), outputs });
    const config = JSON.parse(await readFile(join(site, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ architectures: [architecture] });
    expect(config).not.toHaveProperty('id2label');
  },
);

it('bare weights need their heads told', async () => {
  const { stderr } = await runMain([
    'run',
    'custom',
    photo,
    '--weights',
    join(place('dino'), 'model.safetensors'),
  ]);
  expect(stderr).not.toMatch(/cannot tell the attention heads/); // the file of saveCheckpoint tells them
  const shapes = [...canonicalShapes(headless)].map(([key, shape]) => [key, float32(shape, new Float32Array(sizeOf(shape)).fill(0.1))] as const); // prettier-ignore
  await writeSafetensors(place('bare.safetensors'), new Map(shapes));
  const bare = await runMain(['run', 'custom', photo, '--weights', place('bare.safetensors')]);
  expect(bare.stderr).toMatch(
    /cannot tell the attention heads of timm's weights.*--heads.* \[CHECKPOINT_INVALID\]/,
  );
});
