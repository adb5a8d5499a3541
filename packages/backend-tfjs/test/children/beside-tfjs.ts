/**
 * A program that uses tfjs itself before, between and after calls of our backends. Prints the state of tfjs and of the
 * process each time, and the results of our backends. PATCHSLIM_TEST_BACKEND names the tfjs backend that it uses.
 */

import { add, float32, matMul, runOnHost, softmax, type Backend } from '@patchslim/tensor';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { Module } from 'node:module';
import { createCpuBackend } from '../../src/cpu.js';
import { createTfjsBackend } from '../../src/index.js';
import { createWasmBackend } from '../../src/wasm.js';

const theirs = process.env['PATCHSLIM_TEST_BACKEND']!;
const requireOf = (): unknown => Reflect.get(Module.prototype, 'require');
const require = requireOf();
const handler = (): void => undefined;
process.on('uncaughtException', handler);
process.once('unhandledRejection', handler);

await tf.setBackend(theirs);
Object.assign(tf.backend(), { firstUse: false }); // suppresses the advice to use another backend
const theirInstance = tf.backend();
const factor = tf.tensor([1, 2, 3, 4], [2, 2]);
let current = tf.tensor([1, 0, 0, 1], [2, 2]);

/** One step of theirs; all steps have the same weight in the final numbers. */
function step(): void {
  const next = tf.tidy(() => tf.div(tf.matMul(current, factor), 5.372281));
  current.dispose();
  current = next;
}

/** A number for every function. */
const numbers = new Map<unknown, number>();
function numberOf(listener: unknown): number {
  if (!numbers.has(listener)) numbers.set(listener, numbers.size);
  return numbers.get(listener)!;
}

const found: Record<string, unknown> = {};
function note(when: string): void {
  const listeners = process
    .eventNames()
    .map((name) => [String(name), ...process.rawListeners(name as string).map(numberOf)]);
  found[when] = {
    backend: tf.getBackend(),
    sameInstance: tf.backend() === theirInstance,
    names: tf.engine().backendNames(),
    flags: { ...tf.env().getFlags() },
    sameRequire: requireOf() === require,
    listeners,
  };
}

/** Our ops and a program, with one of their steps between any two calls. */
async function ours(backend: Backend, between: () => void): Promise<number[]> {
  const x = backend.constant(float32([2, 2], [1, 2, 3, 4]));
  between();
  const y = matMul(x, x);
  between();
  const z = softmax(add(y, x));
  between();
  const values = [...(await y.data()), ...(await z.data())];
  const program = await backend.compile(({ a }) => ({ b: matMul(a, x) }), {
    a: { shape: [1, 2], dtype: 'float32' },
  });
  between();
  const { b } = await runOnHost(backend, program, { a: float32([1, 2], [1, 1]) });
  await program.dispose();
  return [...values, ...b.data].map((value) => Number(value.toFixed(6)));
}

note('before');
const own = [await createCpuBackend(), await createWasmBackend(), await createWasmBackend({ threads: 1 })];
const wrapped = createTfjsBackend(tf, { name: 'theirs', tfBackend: theirs });
const results: number[][] = [];
for (const backend of [...own, wrapped]) results.push(await ours(backend, step));
step();
for (const backend of [...own, wrapped].toReversed()) results.push(await ours(backend, step));
await own.pop()!.close();
note('between');

// While another of their backends starts, and afterwards, when its kernels are set up.
const other = theirs === 'cpu' ? 'wasm' : 'cpu';
const starting = tf.setBackend(other);
results.push(await ours(own[1]!, () => undefined));
await starting;
Object.assign(tf.backend(), { firstUse: false });
const others = [tf.getBackend() === other, ...(await tf.add(tf.tensor([1, 2]), 1).data())];
results.push(await ours(own[1]!, () => undefined));
await tf.setBackend(theirs);
note('started');
results.push(await ours(own[1]!, step));

for (const backend of [...own, wrapped]) await backend.close();
step();
note('after');
const values = [...(await current.data())];
console.log(JSON.stringify({ found, results, others, values }));
