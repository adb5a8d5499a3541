/**
 * The recipe for encoders does what it says: DeiT-Tiny without its head where this machine has it, else the embedded model; the rows of the
 * head are the text embeddings, as both are classes in the space of the features. And transformers.js opens what the export wrote.
 */

import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import { AutoModelForImageFeatureExtraction, env, pipeline, Tensor } from '@huggingface/transformers';
import { createOnnxBackend } from '@patchslim/backend-onnx';
import { decodeImage, openImageFolder } from '@patchslim/datasets';
import { createSlimmedModel } from '@patchslim/slimming';
import { parsePlan } from '@patchslim/slimming-schedules';
import { float32 } from '@patchslim/tensor';
import { findRealData } from '@patchslim/testing';
import {
  fromPretrained,
  placeModel,
  saveCheckpoint,
  writeSafetensors,
  type VitConfig,
} from '@patchslim/vit-models';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followRecipe } from './follow.js';
import { createScratch, type Scratch } from './scratch.js';

const data = findRealData();
const [weights, images] = data
  ? ['deit_tiny_patch16_224.safetensors', 'imagenet_sample']
  : ['fashion-vit', 'fashion-images'];

let scratch: Scratch;
const place = (name: string) => join(scratch.folder, name);
let printed: string[];
let projected: VitConfig;
beforeAll(async () => {
  scratch = await createScratch(data);
  const checkpoint = await fromPretrained(place(weights));
  const { tensors, config } = checkpoint;
  const head = tensors.get('head.weight')!;
  await writeSafetensors(place('texts.safetensors'), new Map([['text', head]]));
  const body = new Map([...tensors].filter(([name]) => !name.startsWith('head.')));
  const encoder: VitConfig = { ...config, headless: true, classes: config.width };
  const { preprocessing } = checkpoint;
  await saveCheckpoint(place('encoder-weights'), { config: encoder, preprocessing, tensors: body });
  // The same with a projection, as CLIP has it: the first 64 classes.
  projected = { ...config, projection: true, headBias: false, classes: Math.min(64, config.classes) };
  const rows = float32(
    [projected.classes, config.width],
    head.data.subarray(0, projected.classes * config.width),
  );
  const withHead = new Map([...body, ['head.weight', rows] as const]);
  await saveCheckpoint(place('clip-weights'), { config: projected, preprocessing, tensors: withHead });
  printed = await followRecipe('slim-an-encoder', scratch, {
    ...{ WEIGHTS: 'encoder-weights', DATA: images, OUT: 'encoder', TEXTS: 'texts.safetensors' },
    ...{ IMAGES: '8', LIMIT: '24' },
  });
}, 300_000);
afterAll(() => scratch?.remove());

it('slims by the cosine, finds the query first, and classifies by text embeddings', () => {
  const [slimmed, found, judged] = printed as [string, string, string];
  expect(slimmed).toMatch(/^cosine to dense, mean +0\.9\d+$/m);
  expect(slimmed).not.toContain('top-1');
  const hits = found.trim().split('\n').map((line) => JSON.parse(line) as { cosine: number }); // prettier-ignore
  expect(hits).toHaveLength(5);
  expect(hits[0]!.cosine).toBeCloseTo(1, 4);
  const [, top1] = /^top-1 +(\d+\.\d) %/m.exec(judged)!;
  expect(Number(top1)).toBeGreaterThan(50); // chance is 0.1 %, of the embedded model 10 %
  expect(judged).toMatch(/^same class as dense +\d+\.\d %/m);
});

it(
  'transformers.js extracts the features of patchslim from the same pixels',
  { timeout: 120_000 },
  async () => {
    await scratch.shell(
      'patchslim slim custom --weights clip-weights --data $DATA --out clip --method tome --schedule budget:0.7 --evaluate 0\n' +
        'patchslim export custom --weights clip-weights --plan clip/plan.json --transformers-js encoder/site/clip',
      { DATA: images },
    );
    expect(await readdir(place('encoder/site/encoder/onnx'))).toEqual(['model.onnx']);
    expect(await readdir(place('encoder/site/clip/onnx'))).toEqual(['vision_model.onnx']);
    env.allowRemoteModels = false;
    env.localModelPath = `${place('encoder/site')}/`;
    const backend = await createOnnxBackend();
    const [example] = (await openImageFolder(place(images))).examples;
    const source = example!.source as string;
    const close = (values: ArrayLike<number>, wanted: ArrayLike<number>) => {
      expect(values).toHaveLength(wanted.length);
      expect(Math.max(...Array.from(wanted, (value, i) => Math.abs(value - values[i]!)))).toBeLessThan(2e-3);
    };
    for (const [name, folder] of [
      ['encoder', 'encoder-weights'],
      ['clip', 'clip-weights'],
    ] as const) {
      // prettier-ignore
      const ours = placeModel(backend, await fromPretrained(place(folder)));
      const plan = parsePlan(await readFile(place(`${name}/plan.json`), 'utf8'));
      const slimmed = createSlimmedModel(ours, { plan });
      const embedding = await slimmed.embed(source);
      const [tokens] = await slimmed.patchTokens(source, { norm: true });
      const { imageSize } = ours.config;
      const pixels = await decodeImage(source, ours.preprocessing);
      const extract = await pipeline('image-feature-extraction', name);
      const output = (await extract.model({
        pixel_values: new Tensor('float32', pixels, [1, 3, imageSize, imageSize]),
      })) as Record<string, { data: Float32Array } | undefined>;
      const piped = (await extract(source)) as { dims: number[] };
      if (name === 'clip') {
        close(output['image_embeds']!.data, embedding);
        expect(piped.dims).toEqual([1, projected.classes]);
        const model = await AutoModelForImageFeatureExtraction.from_pretrained(name);
        expect(model.constructor.name).toBe('CLIPVisionModelWithProjection');
        await model.dispose();
      } else {
        close(output['pooler_output']!.data, embedding);
        close(output['last_hidden_state']!.data, tokens!.tokens.data);
        expect(piped.dims).toEqual([1, ...tokens!.tokens.shape]);
        expect(((await extract(source, { pool: true })) as { dims: number[] }).dims).toEqual([
          1,
          ours.config.width,
        ]);
      }
      await extract.dispose();
      await slimmed.close();
    }
    await backend.close();
  },
);
