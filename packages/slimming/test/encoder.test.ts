/** The pipeline on encoders: without a head, and with a projection as CLIP has it. Search, recovery, figures, zero-shot classes. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorSet, type ImageSet } from '@patchslim/datasets';
import { createOnnxBackend } from '@patchslim/backend-onnx';
import { blocksFor, findStep } from '@patchslim/slimming-schedules';
import { float32, range, type Backend } from '@patchslim/tensor';
import { placeModel, writeSafetensors, type Checkpoint, type VitModel } from '@patchslim/vit-models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compare,
  evaluate,
  evaluatePair,
  parseTextEmbeddings,
  patchTokens,
  predict,
  readTextEmbeddings,
  singleBlockCurves,
  slim,
} from '../src/index.js';
import { config, smallCheckpoint, smallTensors } from './small-model.js';

let backend: Backend;
let headless: VitModel;
let projecting: VitModel;
let images: ImageSet;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-text-'));
  backend = await createOnnxBackend({ threads: 1 });
  const checkpoint = await smallCheckpoint();
  projecting = placeModel(backend, { ...checkpoint, config: { ...config, projection: true } });
  headless = placeModel(backend, withoutHead(checkpoint));
  for await (const batch of smallTensors(24).batches(24)) {
    images = tensorSet(
      'photos',
      batch.images,
      Int32Array.from({ length: 24 }, (_, i) => i % 3),
    );
  }
});
afterAll(async () => {
  await backend.close();
  await rm(folder, { recursive: true });
});

function withoutHead({ tensors, ...rest }: Checkpoint): Checkpoint {
  const body = [...tensors].filter(([name]) => !name.startsWith('head.'));
  return { ...rest, config: { ...config, headless: true, classes: config.width }, tensors: new Map(body) };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

async function embeddingsOf(model: VitModel, plan?: ReturnType<typeof blocksFor>) {
  const { embeddings } = await predict(model, images, { batchSize: 8, plan });
  const { width, values } = embeddings!;
  return range(24).map((i) => [...values.subarray(i * width, (i + 1) * width)]);
}

/** Of each image the nearest other ones. */
const nearest = (rows: readonly number[][], k: number) =>
  rows.map((row, i) =>
    range(rows.length)
      .filter((other) => other !== i)
      .sort((a, b) => cosine(row, rows[b]!) - cosine(row, rows[a]!))
      .slice(0, k),
  );

describe.each([
  ['without a head', () => headless, config.width],
  ['with a projection', () => projecting, config.classes],
] as const)('an encoder %s', (_, open, width) => {
  it('is slimmed by 1 − cosine, and measured without labels', async () => {
    const model = open();
    const {
      plan,
      model: slimmed,
      unseen,
    } = await slim(model, images, { schedule: 'budget:0.7', calibrate: 12 });
    expect(unseen!.count).toBe(12);
    const { measure, candidates } = findStep(plan.provenance, 'chosen')!;
    expect(measure).toBe('cosine');
    expect(candidates[0]!.divergence).toBeGreaterThan(0);
    expect(candidates[0]).not.toHaveProperty('agreement');

    const blocks = blocksFor(plan, model);
    const [dense, own] = [await embeddingsOf(model), await embeddingsOf(model, blocks)];
    expect(dense[0]).toHaveLength(width);
    const cosines = dense.map((row, i) => cosine(row, own[i]!));
    const { embedding, ...others } = (await evaluatePair(model, slimmed, images, { batchSize: 8 })).slimmed;
    expect(embedding!.cosine).toBeCloseTo(mean(cosines), 6);
    const sorted = cosines.toSorted((a, b) => a - b);
    expect(embedding!.cosineP1).toBeCloseTo(sorted[0]! + 0.23 * (sorted[1]! - sorted[0]!), 6);
    for (const [k, found] of [
      [1, embedding!.neighbour1],
      [10, embedding!.neighbours10],
    ] as const) {
      // prettier-ignore
      const [wanted, got] = [nearest(dense, k), nearest(own, k)];
      const shares = wanted.map((list, i) => list.filter((other) => got[i]!.includes(other)).length / k);
      expect(found).toBeCloseTo(100 * mean(shares), 4);
    }
    for (const figure of ['top1', 'agreement', 'divergence']) expect(others).not.toHaveProperty(figure);
    expect(await evaluate(model, images, { batchSize: 8, plan: blocks })).toMatchObject({ embedding });
    await slimmed.close();
  });

  it('is searched and compared by the same measure', async () => {
    const { plan, model: slimmed } = await slim(open(), images, { method: 'tome', schedule: 'search:0.7' });
    expect(findStep(plan.provenance, 'searched')).toMatchObject({ measure: 'cosine' });
    await slimmed.close();
    const { plans } = await compare(open(), images, { methods: ['tome', 'ward'], schedules: ['budget:0.7'] });
    for (const { divergence, measure, embedding, agreement } of plans) {
      expect(measure).toBe('cosine');
      expect(divergence).toBeCloseTo(1 - embedding!.cosine, 9);
      expect(agreement).toBeUndefined();
    }
  });

  it('recovers by distillation, and has no labels to learn', async () => {
    const options = { method: 'tome', schedule: 'counts:9,5,3,2', calibrate: 24, batchSize: 4 };
    const { plan, model: slimmed } = await slim(open(), images, {
      ...options,
      recover: 'distill:epochs=5,learn=all,rate=0.001,features=0',
    });
    const step = findStep(plan.provenance, 'recovered')!;
    expect(step.measure).toBe('cosine');
    expect(step.after).toBeLessThan(step.before);
    await slimmed.close();
    await expect(slim(open(), images, { ...options, recover: 'finetune' })).rejects.toThrow(
      /finetune.*encoder without classes; take distill/,
    );
    const curves = singleBlockCurves(open(), images, { blocks: [0], rates: [0.5], scores: [] });
    await expect(curves).rejects.toThrow(/singleBlockCurves\(\): the model is an encoder/);
  });

  it('embed gives its output, classify is refused', async () => {
    const { model: slimmed } = await slim(open(), undefined, { method: 'tome', schedule: 'budget:0.7' });
    const pixels = { data: new Uint8Array(3 * 20 * 20).fill(90), width: 20, height: 20 };
    const embedding = await slimmed.embed(pixels);
    expect(embedding).toHaveLength(width);
    await expect(slimmed.classify(pixels)).rejects.toThrow(/has no classes; use embed/);
    await slimmed.close();
  });
});

describe('zero-shot classes', () => {
  const texts = [0, 1, 2].map((c) => range(config.classes).map((i) => Math.sin(3 * c + i)));
  const names = ['ant', 'bee', 'cat'];
  const json = () => JSON.stringify(Object.fromEntries(names.map((name, i) => [name, texts[i]])));

  it('come from safetensors or JSON', async () => {
    const file = join(folder, 'text.safetensors');
    await writeSafetensors(file, new Map([['text', float32([3, config.classes], texts.flat())]]));
    const fromTensor = await readTextEmbeddings(file, { logitScale: 20 });
    expect(fromTensor).toMatchObject({ classes: 3, width: config.classes, logitScale: 20 });
    await writeFile(join(folder, 'text.json'), json());
    const fromJson = await readTextEmbeddings(join(folder, 'text.json'));
    expect(fromJson).toMatchObject({ names, logitScale: 100, values: fromTensor.values });
    const row = fromJson.values.subarray(0, config.classes);
    expect(dot(row, row)).toBeCloseTo(1, 6);
    expect(cosine(row, texts[0]!)).toBeCloseTo(1, 6);
  });

  it.each([
    ['{', /neither safetensors nor JSON/],
    ['[[1,2],[3]]', /expected an object/],
    ['{"a": [1, 2], "b": [3]}', /'b' has 1 numbers, and the first has 2/],
    ['{"a": [1, "2"]}', /expected a list of numbers for 'a'/],
    ['{"b": [1, 2], "7": [3, 4]}', /'7' is a number and no name/],
    ['{}', /has no embedding/],
  ])('%s is refused', async (text, message) => {
    await expect(parseTextEmbeddings(new TextEncoder().encode(text), 't.json')).rejects.toThrow(message);
  });

  it('of a dense and a slimmed encoder: accuracy, agreement, divergence at the logit scale', async () => {
    const text = await parseTextEmbeddings(new TextEncoder().encode(json()), 't.json', { logitScale: 30 });
    const { model: slimmed, plan } = await slim(projecting, undefined, {
      method: 'tome',
      schedule: 'budget:0.7',
    });
    const {
      dense,
      slimmed: under,
      change,
    } = await evaluatePair(projecting, slimmed, images, { batchSize: 8, text });
    const blocks = blocksFor(plan, projecting);
    const rows = [await embeddingsOf(projecting), await embeddingsOf(projecting, blocks)];
    const [p, q] = rows.map((all) =>
      all.map((row) => {
        const weights = texts.map((one) => Math.exp(30 * cosine(row, one)));
        return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
      }),
    ) as [number[][], number[][]];
    const best = (all: number[][]) => all.map((row) => row.indexOf(Math.max(...row)));
    const percent = (hits: readonly boolean[]) => (100 * hits.filter(Boolean).length) / hits.length;
    expect(dense.top1).toBeCloseTo(percent(best(p).map((c, i) => c === i % 3)), 9);
    expect(under.top1).toBeCloseTo(percent(best(q).map((c, i) => c === i % 3)), 9);
    expect(under.agreement).toBeCloseTo(percent(best(q).map((c, i) => c === best(p)[i])), 9);
    const kl = p.map((row, i) => row.reduce((sum, value, c) => sum + value * Math.log(value / q[i]![c]!), 0));
    expect(under.divergence).toBeCloseTo(mean(kl), 4);
    expect(change!.top1.mean).toBeCloseTo(under.top1! - dense.top1!, 9);
    expect(under.embedding).toBeDefined();
    expect(await evaluate(projecting, images, { batchSize: 8, plan: blocks, text })).toMatchObject({
      ...{ top1: under.top1!, agreement: under.agreement!, embedding: under.embedding! },
    });

    await expect(evaluate(headless, images, { batchSize: 8, text })).rejects.toThrow(
      /text embeddings have 7 numbers/,
    );
    const { projection, ...classifying } = projecting.config;
    void projection;
    await expect(
      evaluate({ ...projecting, config: classifying }, images, { batchSize: 8, text }),
    ).rejects.toThrow(/is a classifier/);
    await slimmed.close();
  });
});

it('patch tokens are on the full grid, in batches and for single images', async () => {
  const { model: slimmed, plan } = await slim(headless, undefined, {
    method: 'top-k:score=class-attention',
    schedule: 'budget:0.7',
  });
  const blocks = blocksFor(plan, headless);
  const found: number[][] = [];
  for await (const { ids, blocks: each } of patchTokens(headless, images, {
    plan: blocks,
    blocks: [0, 3],
    norm: true,
  })) {
    expect(each.map(({ block }) => block)).toEqual([0, 3]);
    expect(each[1]!.tokens.shape).toEqual([ids.length, 17, config.width]);
    found.push([...each[1]!.tokens.data]);
  }
  expect(found).toHaveLength(3);
  const embeddings = await embeddingsOf(headless, blocks); // the class token is never dropped
  found[0]!.slice(0, config.width).forEach((value, c) => expect(value).toBeCloseTo(embeddings[0]![c]!, 4));

  const pixels = { data: new Uint8Array(3 * 20 * 20).fill(90), width: 20, height: 20 };
  const [one, other] = await Promise.all([
    slimmed.patchTokens(pixels, { norm: true }),
    slimmed.patchTokens(pixels, { blocks: [1] }),
  ]);
  expect(one).toMatchObject([{ block: 3, tokens: { shape: [17, config.width] } }]);
  expect(other[0]!.block).toBe(1);
  const embedding = await slimmed.embed(pixels);
  embedding.forEach((value, c) => expect(one[0]!.tokens.data[c]).toBeCloseTo(value, 4));
  await expect(slimmed.patchTokens(pixels, { blocks: [9] })).rejects.toThrow(/expected blocks from 0 to 3/);
  await slimmed.close();
  await expect(slimmed.patchTokens(pixels)).rejects.toMatchObject({ code: 'DISPOSED' });
});
