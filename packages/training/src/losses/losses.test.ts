import { createReferenceBackend } from '@patchslim/tensor/reference';
import { float32, int32, type Tensor } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import {
  binaryCrossEntropy,
  binaryDistillation,
  cosineDistance,
  crossEntropy,
  distillation,
  meanSquaredError,
} from '../index.js';

const backend = createReferenceBackend();
const logits = [
  [1, 2, 0.5],
  [-1, 0, 3],
];
const softmax = (row: number[]) => {
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
  return row.map((x) => Math.exp(x) / total);
};
const matrix = (rows: number[][]) => backend.constant(float32([rows.length, rows[0]!.length], rows.flat()));
const scalar = async (tensor: Tensor) => {
  expect(tensor.shape).toEqual([]);
  return (await tensor.data())[0]!;
};

it('cross-entropy is minus the mean log probability of the label', async () => {
  const labels = backend.constant(int32([2], [1, 0]));
  const expected = -(Math.log(softmax(logits[0]!)[1]!) + Math.log(softmax(logits[1]!)[0]!)) / 2;
  expect(await scalar(crossEntropy(matrix(logits), labels))).toBeCloseTo(expected, 5);
});

it('label smoothing spreads its fraction over all classes', async () => {
  const labels = backend.constant(int32([1], [2]));
  const [a, b, c] = softmax(logits[0]!).map(Math.log) as [number, number, number];
  const smooth = crossEntropy(matrix([logits[0]!]), labels, { smoothing: 0.3 });
  expect(await scalar(smooth)).toBeCloseTo(-(0.1 * a + 0.1 * b + 0.8 * c), 5);
});

it('distillation is the divergence of the class distributions, and zero for equal logits', async () => {
  const teacher = [
    [0, 1, 2],
    [1, 1, 1],
  ];
  const divergence = (student: number[], from: number[]) => {
    const [p, q] = [softmax(from), softmax(student)];
    return p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]!), 0);
  };
  const expected = (divergence(logits[0]!, teacher[0]!) + divergence(logits[1]!, teacher[1]!)) / 2;
  expect(await scalar(distillation(matrix(logits), matrix(teacher)))).toBeCloseTo(expected, 5);
  expect(await scalar(distillation(matrix(logits), matrix(logits)))).toBeCloseTo(0, 6);
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

it('binary cross-entropy adds up the classes, and is a mean over the images', async () => {
  const targets = [
    [1, 0, 1],
    [0, 0, 0],
  ];
  const entropy = (smoothing: number) =>
    total(
      logits.flatMap((row, i) =>
        row.map((z, c) => {
          const t = targets[i]![c]! * (1 - smoothing) + smoothing / 2;
          return -(t * Math.log(sigmoid(z)) + (1 - t) * Math.log(1 - sigmoid(z)));
        }),
      ),
    ) / 2;
  expect(await scalar(binaryCrossEntropy(matrix(logits), matrix(targets)))).toBeCloseTo(entropy(0), 5);
  const smooth = binaryCrossEntropy(matrix(logits), matrix(targets), { smoothing: 0.2 });
  expect(await scalar(smooth)).toBeCloseTo(entropy(0.2), 5);
  expect(await scalar(binaryCrossEntropy(matrix([[500, -500]]), matrix([[1, 0]])))).toBeCloseTo(0, 6);
});

it('binary distillation is the sum of the divergences of the classes, and zero for equal logits', async () => {
  const teacher = [
    [0, 1, -2],
    [3, 1, 1],
  ];
  const divergence = (s: number, t: number) => {
    const [p, q] = [sigmoid(t), sigmoid(s)];
    return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  };
  const expected = total(logits.flatMap((row, i) => row.map((s, c) => divergence(s, teacher[i]![c]!)))) / 2;
  expect(await scalar(binaryDistillation(matrix(logits), matrix(teacher)))).toBeCloseTo(expected, 5);
  expect(await scalar(binaryDistillation(matrix(logits), matrix(logits)))).toBeCloseTo(0, 6);
});

it('cosine distance is a mean over the images, 0 for embeddings of one direction', async () => {
  const cosine = (a: number[], b: number[]) => {
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const teacher = [
    [0, 1, 2],
    [1, -1, 1],
  ];
  const expected = 1 - (cosine(logits[0]!, teacher[0]!) + cosine(logits[1]!, teacher[1]!)) / 2;
  expect(await scalar(cosineDistance(matrix(logits), matrix(teacher)))).toBeCloseTo(expected, 5);
  const longer = logits.map((row) => row.map((value) => 3 * value));
  expect(await scalar(cosineDistance(matrix(logits), matrix(longer)))).toBeCloseTo(0, 6);
});

it('squared error is a mean over all elements', async () => {
  expect(await scalar(meanSquaredError(matrix([[1, 2]]), matrix([[3, 5]])))).toBeCloseTo(6.5, 6);
});
