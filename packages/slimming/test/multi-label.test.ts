/** The pipeline on a model whose images may have several classes: search, recovery, figures. */

import { tensorSet, type ImageSet, type LabelSets } from '@patchslim/datasets';
import { createOnnxBackend } from '@patchslim/backend-onnx';
import { float32, type Backend } from '@patchslim/tensor';
import { placeModel, type VitModel } from '@patchslim/vit-models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  compare,
  evaluate,
  evaluatePair,
  predict,
  singleBlockCurves,
  slim,
  trainNetwork,
} from '../src/index.js';
import { meanDivergence } from '../src/compare/divergence.js';
import { averagePrecision } from '../src/head/average-precision.js';
import { config, smallCheckpoint, smallTensors } from './small-model.js';

const { classes } = config;
const labelSets: LabelSets = Array.from({ length: 24 }, (_, i) => [i % 7, (i * 3 + 1) % 7].slice(0, i % 3));

let backend: Backend;
let model: VitModel;
let exclusive: VitModel;
let images: ImageSet;
beforeAll(async () => {
  backend = await createOnnxBackend({ threads: 1 });
  const checkpoint = await smallCheckpoint();
  exclusive = placeModel(backend, checkpoint);
  model = placeModel(backend, { ...checkpoint, config: { ...config, multiLabel: true } });
  for await (const batch of smallTensors(24).batches(24))
    images = tensorSet('several', batch.images, labelSets);
});
afterAll(() => backend.close());

it('evaluate gives average precision and agreement of each class', async () => {
  const { perClass } = await predict(model, images, { batchSize: 5 });
  const { logits, targets } = perClass!;
  const column = (values: ArrayLike<number>, c: number) =>
    Array.from({ length: 24 }, (_, i) => values[i * classes + c]!);
  const own = (c: number) => labelSets.map((set) => (set.includes(c) ? 1 : 0));
  expect(column(targets!, 3)).toEqual(own(3));
  const result = await evaluate(model, images, { batchSize: 5 });
  const expected = Array.from(
    { length: classes },
    (_, c) => 100 * averagePrecision(column(logits, c), own(c))!,
  );
  expect(result.perClass!.averagePrecision).toEqual(expected);
  expect(result.mAP).toBeCloseTo(expected.reduce((a, b) => a + b, 0) / classes, 9);
  expect(result).not.toHaveProperty('top1');
});

it('slim, its recovery and its judgement use the sigmoid', async () => {
  const options = {
    method: 'class-attention',
    schedule: 'counts:9,5,3,2',
    recover: 'distill:epochs=2',
    batchSize: 8,
  };
  const result = await slim(model, images, { ...options, calibrate: 16 });
  const step = result.plan.provenance.steps.find(({ step }) => step === 'recovered')!;
  expect(step).toMatchObject({ before: expect.any(Number) as number });
  const pair = await evaluatePair(model, result.model, result.unseen!, { batchSize: 8 });
  expect(pair.slimmed.perClass!.agreement).toHaveLength(classes);
  const mean = pair.slimmed.perClass!.agreement!.reduce((a, b) => a + b, 0) / classes;
  expect(pair.slimmed.agreement).toBeCloseTo(mean, 9);
  expect(pair.slimmed.agreement).toBeLessThan(100);
  expect(pair).not.toHaveProperty('change');
  await result.model.close();
});

it('compare measures the divergence of the sigmoid', async () => {
  const options = { methods: ['ward'], schedules: ['budget:0.6'], batchSize: 8, calibrate: 8 };
  const [several, one] = [
    await compare(model, images, options),
    await compare(exclusive, smallTensors(24), options),
  ];
  expect(several.dense.mAP).toBeGreaterThan(0);
  const [figures] = several.plans;
  expect(figures!.mAP).toBeGreaterThan(0);
  expect(figures!.divergence).toBeGreaterThan(0);
  expect(figures!.divergence).toBeGreaterThan(1.5 * one.plans[0]!.divergence);
  const [a, b] = [Float32Array.of(1, 0, 0, 0, 0, 0, 0), Float32Array.of(2, 0, 0, 0, 0, 0, 0)];
  expect(meanDivergence(a, b, model.config)).not.toBeCloseTo(meanDivergence(a, b, exclusive.config), 3);
});

/** Learning from labels alone. */
const fromLabels = {
  objective: { labels: 1, logits: 0, features: 0, smoothing: 0 },
  trainable: 'all',
  batchSize: 8,
  rate: 0.01,
  augment: { flip: false, shift: 0 },
  seed: 1,
} as const;

it('training learns several labels an image', async () => {
  const { epochs } = await trainNetwork(model, images, { ...fromLabels, epochs: 6 });
  expect(epochs.at(-1)!.loss).toBeLessThan(0.8 * epochs[0]!.loss);
});

it('one logit learns yes and no', async () => {
  const checkpoint = await smallCheckpoint();
  const row = (name: string) => {
    const { shape, data } = checkpoint.tensors.get(name)!;
    const size = data.length / shape[0]!;
    return [name, float32([1, ...shape.slice(1)], data.subarray(0, size))] as const;
  };
  const tensors = new Map([...checkpoint.tensors, row('head.weight'), row('head.bias')]);
  const binary = placeModel(backend, { ...checkpoint, config: { ...config, classes: 1 }, tensors });
  for await (const batch of smallTensors(16).batches(16)) {
    const yesNo = tensorSet(
      'yes or no',
      batch.images,
      Int32Array.from({ length: 16 }, (_, i) => i % 2),
    );
    const { mAP, perClass } = await evaluate(binary, yesNo, { batchSize: 8 });
    expect(perClass!.averagePrecision).toEqual([mAP]);
    const { epochs } = await trainNetwork(binary, yesNo, { ...fromLabels, epochs: 25 });
    expect(epochs.at(-1)!.loss).toBeLessThan(0.8 * epochs[0]!.loss);
  }
});

it('curves of top-1 are refused', async () => {
  const options = { blocks: [0], rates: [0.5], scores: [] };
  await expect(singleBlockCurves(model, images, options)).rejects.toThrow(/curves show top-1.*sigmoid/);
});
