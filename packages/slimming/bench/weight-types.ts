/**
 * Accuracy cost of weights with fewer bits: exported files, dense and slimmed, in bare onnxruntime-node, on all
 * images one by one.
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/weight-types.ts
 */

import {
  createOnnxRecorder,
  encodeModel,
  joinChunks,
  weightTypes,
  type WeightType,
} from '@patchslim/backend-onnx';
import { decodedSet, imageSet, openImageFolder } from '@patchslim/datasets';
import { blocksFor } from '@patchslim/slimming-schedules';
import { findRealData } from '@patchslim/testing';
import { forward, fromPretrained, placeModel, type BlockPlan } from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { meanDivergence } from '../src/compare/divergence.js';
import { slim } from '../src/index.js';

const data = findRealData();
if (!data) throw new Error('deit_tiny and imagenet_sample are absent; set PATCHSLIM_DATA');
const recorder = createOnnxRecorder({ form: 'runtime' });
const model = placeModel(recorder, await fromPretrained(data.weights));
const { examples } = await openImageFolder(data.images);
const images = await decodedSet(imageSet('imagenet_sample', examples, model.preprocessing));
const { imageSize, classes } = model.config;
const { plan: ward } = await slim(model, undefined, { method: 'ward', schedule: 'budget:0.5' });
const plans = [
  ['dense', undefined],
  ['ward', blocksFor(ward, model)],
] as const;

let reference: Float32Array | undefined;
console.log('| plan | weights | MB | top-1 | same class as dense float32 | divergence |');
for (const [name, plan] of plans) {
  for (const type of weightTypes) {
    const { bytes, logits, labels } = await run(plan, type);
    reference ??= logits;
    const predicted = classesOf(logits);
    const figures = [
      (bytes / 1e6).toFixed(1),
      percent(predicted, labels),
      percent(predicted, classesOf(reference)),
      meanDivergence(logits, reference, model.config).toFixed(4),
    ];
    console.log(`| ${[name, type, ...figures].join(' | ')} |`);
  }
}

async function run(plan: readonly BlockPlan[] | undefined, weights: WeightType) {
  const graph = recorder.record(
    ({ images: pixels }) => ({ logits: forward(model, pixels, { plan }).logits }),
    { images: { shape: [1, 3, imageSize, imageSize], dtype: 'float32' } },
    { weights },
  );
  const file = joinChunks(encodeModel(graph).model);
  const session = await ort.InferenceSession.create(file);
  const logits = new Float32Array(images.count * classes);
  const labels: number[] = [];
  for await (const batch of images.batches(1)) {
    const input = new ort.Tensor('float32', batch.images.data, [1, 3, imageSize, imageSize]);
    const result = await session.run({ images: input });
    logits.set(result['logits']!.data as Float32Array, labels.length * classes);
    labels.push(batch.labels![0]!);
  }
  await session.release();
  return { bytes: file.length, logits, labels };
}

function classesOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / classes }, (_, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

function percent(found: readonly number[], wanted: readonly number[]): string {
  return `${((100 * found.filter((one, i) => one === wanted[i]).length) / wanted.length).toFixed(1)} %`;
}
