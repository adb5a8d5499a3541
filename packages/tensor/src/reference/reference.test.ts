/** Not visible to the conformance suite: the reference keeps float64 until values are read. */

import { expect, it } from 'vitest';
import {
  add,
  bool,
  cast,
  float32,
  greater,
  int32,
  matMul,
  reshape,
  sub,
  sum,
  topK,
  type Tensor,
} from '../index.js';
import { createReferenceBackend } from './index.js';

const backend = createReferenceBackend();
const constant = (values: readonly number[]): Tensor => backend.constant(float32([values.length], values));

it('computes in float64', async () => {
  const large = constant([2 ** 30]);
  const difference = sub(add(large, 0.25), large);
  expect(await difference.data()).toEqual(Float32Array.of(0.25));
});

it('rounds to the dtype when values are read', async () => {
  const third = reshape(constant([1, 2]), [2, 1]);
  expect(await third.data()).toBeInstanceOf(Float32Array);
  expect(await greater(third, 1).data()).toEqual(Uint8Array.of(0, 1));
  expect(await cast(add(third, 0.75), 'int32').data()).toEqual(Int32Array.of(1, 2));
});

it('copies values in and out', async () => {
  const source = Float32Array.of(1, 2);
  const x = backend.constant(float32([2], source));
  source[0] = 99;
  (await x.data())[1] = 99;
  expect(await x.data()).toEqual(Float32Array.of(1, 2));
});

it('takes every dtype', async () => {
  expect(await backend.constant(int32([2], [-1, 5])).data()).toEqual(Int32Array.of(-1, 5));
  expect(await backend.constant(bool([2], [1, 0])).data()).toEqual(Uint8Array.of(1, 0));
});

it('sums ten million-fold differences without losing the small ones', async () => {
  const values = constant([1e8, ...new Array<number>(100).fill(0.5), -1e8]);
  expect(await sum(values).data()).toEqual(Float32Array.of(50));
});

it('runs the example of its docstring', async () => {
  const x = backend.constant(float32([2, 2], [1, 2, 3, 4]));
  expect(await matMul(x, x).data()).toEqual(Float32Array.of(7, 10, 15, 22));
  expect(await topK(x, 1).data()).toEqual(Int32Array.of(1, 1));
});
