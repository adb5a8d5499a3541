/** Every op function adds only its result to the live tensors, and nothing when it throws. */

import { expect, it } from 'vitest';
import * as t from '../index.js';
import { bool, float32, int32, type OpName, type Tensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';

const backend = createReferenceBackend();
const matrix = backend.constant(float32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]));
const square = backend.constant(float32([4, 4], new Float32Array(16).fill(0.5)));
const vector = backend.constant(float32([4], [1, 2, 3, 4]));
const tokens = backend.constant(float32([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]));
const merging = {
  order: backend.constant(int32([1, 2], [1, 0])),
  targets: backend.constant(int32([1, 1], [0])),
  destinations: 1,
};
const split = backend.constant(float32([1, 2, 1, 2], [1, 2, 3, 4]));
const image = backend.constant(float32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
const kernels = backend.constant(float32([1, 2, 1, 1], [1, 2]));
const truth = backend.constant(bool([2, 4], [1, 0, 1, 0, 1, 0, 1, 0]));
const indices = backend.constant(int32([2], [1, 0]));

const calls: Readonly<Record<OpName, () => Tensor>> = {
  reshape: () => t.reshape(matrix, [2, 4]),
  transpose: () => t.transpose(matrix, [0, 1]),
  slice: () => t.slice(matrix, [0, 0], [-1, -1]),
  concat: () => t.concat([matrix], 0),
  gather: () => t.gather(matrix, indices, 0),
  scatterAdd: () => t.scatterAdd(matrix, indices, matrix, 0),
  broadcastTo: () => t.broadcastTo(matrix, [2, 4]),
  pad: () => t.pad(matrix, [0, 0], [0, 0]),
  cast: () => t.cast(matrix, 'float32'),
  neg: () => t.neg(matrix),
  exp: () => t.exp(matrix),
  log: () => t.log(matrix),
  sqrt: () => t.sqrt(matrix),
  rsqrt: () => t.rsqrt(matrix),
  abs: () => t.abs(matrix),
  erf: () => t.erf(matrix),
  tanh: () => t.tanh(matrix),
  sigmoid: () => t.sigmoid(matrix),
  add: () => t.add(matrix, 1),
  sub: () => t.sub(matrix, 1),
  mul: () => t.mul(matrix, 1),
  div: () => t.div(matrix, 1),
  maximum: () => t.maximum(matrix, 1),
  minimum: () => t.minimum(matrix, 1),
  pow: () => t.pow(matrix, 1),
  greater: () => t.greater(matrix, 1),
  equal: () => t.equal(matrix, 1),
  where: () => t.where(truth, matrix, 1),
  sum: () => t.sum(matrix, []),
  max: () => t.max(matrix),
  argMax: () => t.argMax(matrix),
  topK: () => t.topK(matrix, 2),
  cumSum: () => t.cumSum(matrix),
  matMul: () => t.matMul(matrix, square),
  linear: () => t.linear(matrix, square, vector),
  fusedLinear: () => t.linear(matrix, square, vector, { activation: 'gelu', residual: matrix }),
  softmax: () => t.softmax(matrix),
  logSoftmax: () => t.logSoftmax(matrix),
  mean: () => t.mean(matrix),
  variance: () => t.variance(matrix),
  normalize: () => t.normalize(matrix),
  layerNorm: () => t.layerNorm(matrix, vector, vector, 1e-6),
  gelu: () => t.gelu(matrix),
  geluTanh: () => t.geluTanh(matrix),
  quickGelu: () => t.quickGelu(matrix),
  silu: () => t.silu(matrix),
  oneHot: () => t.oneHot(indices, 3),
  mergeRows: () => t.mergeRows(tokens, merging),
  attentionProbabilities: () => t.attentionProbabilities(tokens, tokens, 2),
  attention: () => t.attention(tokens, tokens, tokens, 2),
  unfold: () => t.unfold(image, { kernel: 1 }),
  conv2d: () => t.conv2d(image, kernels),
};
const helpers = {
  splitHeads: () => t.splitHeads(tokens, 2),
  mergeHeads: () => t.mergeHeads(split),
};
it.each(Object.entries({ ...calls, ...helpers }))('%s', (_, call) => {
  const before = backend.memory.liveTensors;
  const result = call();
  expect(backend.memory.liveTensors).toBe(before + 1);
  result.dispose();
  expect(backend.memory.liveTensors).toBe(before);
  // The result was a separate tensor: disposing it left the operands alive.
  expect(
    [
      matrix,
      square,
      vector,
      tokens,
      merging.order,
      merging.targets,
      truth,
      indices,
      split,
      image,
      kernels,
    ].some((operand) => operand.disposed),
  ).toBe(false);
});

it.each([
  ['a primitive with a number', () => t.add(truth, 1)],
  ['a composite', () => t.attention(tokens, tokens, tokens, 2, { bias: matrix })],
])('%s that throws', (_, call) => {
  const before = backend.memory.liveTensors;
  expect(call).toThrow();
  expect(backend.memory.liveTensors).toBe(before);
});
