/**
 * Measures the overhead of the interface: an op on a backend that computes nothing against a bare function call; and
 * the reference backend against float32 loops. Prints ratios; rounds of both sides alternate in one run.
 */

import {
  add,
  createBackend,
  float32,
  matMul,
  named,
  scope,
  softmax,
  type Backend,
  type Kernel,
  type OpName,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { compareRuns } from '@patchslim/testing';

/** A backend with empty kernels: only checks, shape inference and memory management remain. */
function createIdleBackend(): Backend {
  const idle: Kernel<OpName> = () => 0;
  const { kernels } = createReferenceBackend();
  return createBackend({
    name: 'idle',
    kernels: Object.fromEntries(Object.keys(kernels).map((op) => [op, idle])) as typeof kernels,
    upload: () => 0,
    download: () => new Float32Array(),
    release: () => undefined,
  });
}

/** `[m, k] × [k, n]` in float32, row by row: the simplest fast kernel. */
function matMulLoops(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  const result = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let s = 0; s < k; s++) {
      const factor = a[i * k + s]!;
      for (let j = 0; j < n; j++) result[i * n + j]! += factor * b[s * n + j]!;
    }
  }
  return result;
}

function softmaxLoops(x: Float32Array, rows: number, width: number): Float32Array {
  const result = new Float32Array(x.length);
  for (let i = 0; i < rows; i++) {
    const row = x.subarray(i * width, (i + 1) * width);
    const largest = row.reduce((a, b) => Math.max(a, b));
    let total = 0;
    for (let j = 0; j < width; j++) total += result[i * width + j] = Math.exp(row[j]! - largest);
    for (let j = 0; j < width; j++) result[i * width + j]! /= total;
  }
  return result;
}

/** Many calls per run, because one call is shorter than the clock's resolution. */
const times = (calls: number, name: string, call: () => unknown) => ({
  name,
  run: () => {
    for (let i = 0; i < calls; i++) call();
  },
});

const idle = createIdleBackend();
const x = idle.constant(float32([8, 197, 192], new Float32Array(8 * 197 * 192)));
const call = { op: 'add', inputs: [x, x], attrs: {}, output: x, path: '' } as const;
await compareRuns('10 000 calls on a backend that computes nothing', [
  times(10_000, 'a bare kernel', () => idle.kernels.add(call)),
  times(10_000, 'add', () => add(x, x).dispose()),
  times(10_000, 'add of a number', () => add(x, 1).dispose()),
  times(10_000, 'softmax, five ops in a scope', () => softmax(x).dispose()),
  times(10_000, 'add in a scope under a name', () =>
    scope(idle, () => named(idle, 'blocks.0', () => void add(x, x))),
  ),
]);

const reference = createReferenceBackend();
const [m, k, n] = [197, 64, 197];
const [a, b] = [m * k, k * n].map((length) => Float32Array.from({ length }, (_, i) => Math.sin(i)));
const [left, right] = [reference.constant(float32([m, k], a!)), reference.constant(float32([k, n], b!))];
await compareRuns(`matMul [${m}, ${k}] × [${k}, ${n}]`, [
  { name: 'float32 loops', run: () => matMulLoops(a!, b!, m, k, n) },
  { name: 'reference backend', run: () => matMul(left, right).dispose() },
]);
await compareRuns(`softmax [${m}, ${k}]`, [
  { name: 'float32 loops', run: () => softmaxLoops(a!, m, k) },
  { name: 'reference backend', run: () => softmax(left).dispose() },
]);
