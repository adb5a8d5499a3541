/**
 * What the interface costs: an op on a backend that computes nothing, against the same function called bare; and how
 * slow the reference backend is, against float32 loops. Printed as ratios: rounds of both sides alternate in one run.
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

const rounds = 15;

interface Side {
  readonly name: string;
  run(): void;
}

/** Milliseconds of one round of `calls` calls. */
function time(side: Side, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) side.run();
  return performance.now() - start;
}

function compare(slow: Side, fast: Side, calls: number): void {
  const pairs = Array.from(
    { length: rounds + 2 },
    () => [time(slow, calls), time(fast, calls)] as const,
  ).slice(2);
  const ratios = pairs.map(([a, b]) => a / b).sort((a, b) => a - b);
  const middle = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const [slowUs, fastUs] = [0, 1].map((side) => (1000 * middle(pairs.map((pair) => pair[side]!))) / calls);
  const spread = `${ratios[0]!.toFixed(1)}–${ratios.at(-1)!.toFixed(1)}`;
  const each = `${slowUs!.toPrecision(3)} µs against ${fastUs!.toPrecision(3)} µs`;
  console.log(`${slow.name} / ${fast.name}: ${middle(ratios).toFixed(1)}× (${spread}), ${each}`);
}

/** A backend whose kernels do nothing: what is left is checking, shapes and memory. */
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

/** `[m, k] × [k, n]` in float32, row by row: the least that a straightforward kernel would do. */
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

function benchOverhead(): void {
  const backend = createIdleBackend();
  const x = backend.constant(float32([8, 197, 192], new Float32Array(8 * 197 * 192)));
  const bare = { name: 'bare call', run: () => void backend.kernels.add({ op: 'add', inputs: [x, x], attrs: {}, output: x, path: '' }) }; // prettier-ignore
  compare({ name: 'add on an idle backend', run: () => add(x, x).dispose() }, bare, 20_000);
  compare({ name: 'add of a number', run: () => add(x, 1).dispose() }, bare, 20_000);
  compare({ name: 'softmax (5 ops in a scope)', run: () => softmax(x).dispose() }, bare, 5_000);
  const inScope = () => scope(backend, () => named(backend, 'blocks.0', () => void add(x, x)));
  compare({ name: 'add in a scope under a name', run: inScope }, bare, 20_000);
}

function benchReference(): void {
  const backend = createReferenceBackend();
  const [m, k, n] = [197, 64, 197];
  const [a, b] = [m * k, k * n].map((length) => Float32Array.from({ length }, (_, i) => Math.sin(i)));
  const [x, y] = [backend.constant(float32([m, k], a!)), backend.constant(float32([k, n], b!))];
  compare(
    { name: 'reference matMul', run: () => matMul(x, y).dispose() },
    { name: 'loops', run: () => void matMulLoops(a!, b!, m, k, n) },
    4,
  );
  compare(
    { name: 'reference softmax', run: () => softmax(x).dispose() },
    { name: 'loops', run: () => void softmaxLoops(a!, m, k) },
    10,
  );
}

benchOverhead();
benchReference();
