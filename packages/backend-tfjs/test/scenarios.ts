/** Checks for every tfjs backend, in Node and in a browser. */

import {
  add,
  bool,
  broadcastTo,
  cast,
  concat,
  disposeAll,
  exp,
  float32,
  gather,
  int32,
  linear,
  matMul,
  max,
  mul,
  pad,
  runOnHost,
  scope,
  slice,
  softmax,
  sub,
  sum,
  topK,
  transpose,
  where,
  type Backend,
  type DType,
  type Tensor,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { GpuDevice } from '../src/gpu.js';
import { tensorsInTfjs } from './check-case.js';
import { createTransformer, random, small } from './transformer.js';

/** Asymmetric matchers are `any`; this one is `unknown`, for use in object literals. */
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  expect(Math.max(...Array.from(want, (value, i) => Math.abs(value - got[i]!)))).toBeLessThan(1e-5);
}

/** A transformer compiled on each backend matches the reference, also with alternating runs. */
export async function checkPrograms(backends: readonly Backend[]): Promise<void> {
  const patches = random([2, small.tokens - 1, small.width], 7);
  const programs = [];
  for (const backend of [createReferenceBackend(), ...backends]) {
    const program = await backend.compile(createTransformer(backend, small), { patches });
    programs.push({ backend, program });
  }
  for (let round = 0; round < 2; round++) {
    const results = [];
    for (const { backend, program } of programs) {
      results.push((await runOnHost(backend, program, { patches })).probabilities.data);
    }
    for (const result of results) expectClose(result, results[0]!);
  }
}

/** Ops on all backends in turn, each on its own tensors: one must not affect another. */
export async function checkInterleaved(backends: readonly Backend[]): Promise<void> {
  const steps: readonly ((x: Tensor) => Tensor)[] = [
    (x) => mul(x, 0.5),
    (x) => matMul(x, x, { transposeB: true }),
    (x) => softmax(x),
    (x) => sub(x, transpose(x, [1, 0])),
    (x) => exp(x),
    (x) => gather(x, x.backend.constant(int32([2], [2, 0])), 0),
  ];
  const all = [createReferenceBackend(), ...backends];
  const before = tensorsInTfjs();
  const current = all.map((backend) => backend.constant(random([3, 4], 3)));
  const made = [...current];
  for (const step of steps) {
    current.forEach((x, i) => {
      current[i] = scope(x.backend, () => step(x));
      made.push(current[i]);
    });
  }
  const results = await Promise.all(current.map((x) => x.data()));
  for (const result of results) expectClose(result, results[0]!);
  disposeAll(made);
  expect(tensorsInTfjs()).toBe(before);
}

/**
 * Memory after 200 runs equals memory after 5: live tensors, tfjs's count, and `bytes` (by default the device's). Only a few
 * ops, because each takes milliseconds on a software GPU; `@patchslim/slimming` tests whole evaluations and training steps.
 */
export async function checkSteadyMemory(
  backend: Backend,
  bytes: () => unknown = () => backend.memory.deviceBytes,
): Promise<void> {
  const x = random([2, 5, 4], 7);
  const weight = backend.constant(random([4, 4], 8));
  const program = await backend.compile(
    ({ x }) => {
      const y = softmax(linear(x, weight));
      return { kept: gather(y, topK(sum(y, 2), 3), 1, 1) };
    },
    { x },
  );
  const run = async (times: number) => {
    for (let i = 0; i < times; i++) await runOnHost(backend, program, { x });
    // Not `tf.memory()`, which needs a backend that the program has selected.
    const { numTensors, numDataBuffers, numBytes } = tf.engine().state;
    return { live: backend.memory.liveTensors, numTensors, numDataBuffers, numBytes, bytes: bytes() };
  };
  const after5 = await run(5);
  expect(await run(195)).toEqual(after5);
}

/** Bool tensors through ops whose tfjs kernels assume wider values, more often than in the conformance suite. */
export async function checkBool(backend: Backend): Promise<void> {
  const make = () => backend.constant(bool([2, 3], [1, 0, 1, 0, 0, 1]));
  for (let round = 0; round < 50; round++) {
    const x = make();
    const rows = backend.constant(int32([2, 1], [2, 1]));
    const results = {
      padded: pad(x, [0, 1], [1, 0]),
      repeated: broadcastTo(x, [2, 2, 3]),
      joined: concat([x, x], 0),
      cut: slice(x, [0, 1], [2, 2]),
      turned: transpose(x, [1, 0]),
      picked: gather(x, rows, 1, 1),
    };
    expect([...(await results.padded.data())]).toEqual([0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect([...(await results.repeated.data())]).toEqual([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1]);
    expect([...(await results.joined.data())]).toEqual([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1]);
    expect([...(await results.cut.data())]).toEqual([0, 1, 0, 1]);
    expect([...(await results.turned.data())]).toEqual([1, 0, 0, 0, 1, 1]);
    expect([...(await results.picked.data())]).toEqual([1, 0]);
    disposeAll({ x, rows, ...results });
  }
}

/** The result of a cast is a normal tensor of its dtype: it can be moved and computed with. */
export async function checkCasts(backend: Backend): Promise<void> {
  const all = {
    float32: float32([2, 2], [1, 0, 0, 1]),
    int32: int32([2, 2], [1, 0, 0, 1]),
    bool: bool([2, 2], [1, 0, 0, 1]),
  };
  // Tests the ops of the function below one by one.
  const moved = [
    [1, 0, 0, 1],
    [0, 1],
    [1, 0, 1, 0, 0, 1, 0, 1],
    [1, 0, 0, 0, 1, 0],
    [1, 0, 0, 1, 1, 0, 0, 1],
    [0, 1, 0, 1],
    [1, 0, 0, 1],
  ];
  const computed = [
    [2, 1, 1, 2],
    [1, 1],
    [1, 1],
  ];
  for (const from of Object.keys(all) as DType[]) {
    for (const to of Object.keys(all) as DType[]) {
      const results = scope(backend, () => {
        const x = cast(backend.constant(all[from]), to);
        const other = backend.constant(all[to]);
        const turned = transpose(x, [1, 0]);
        return [
          turned,
          slice(x, [1, 0], [1, 2]),
          concat([x, other], 1),
          pad(x, [0, 0], [0, 1]),
          broadcastTo(x, [2, 2, 2]),
          gather(x, backend.constant(int32([2], [1, 1])), 0),
          where(backend.constant(all.bool), x, other),
          ...(to === 'bool' ? [] : [add(turned, 1), sum(x, 0), max(x, 0)]),
        ];
      });
      const values = await Promise.all(results.map(async (result) => [...(await result.data())]));
      disposeAll(results);
      expect({ from, to, values }).toEqual({
        from,
        to,
        values: to === 'bool' ? moved : [...moved, ...computed],
      });
    }
  }
}

/** After a device is lost, the next call of any kind throws, and a new backend works. `open` creates one on the device. */
export async function checkLostDevice(
  requestDevice: () => Promise<GpuDevice>,
  open: (device: GpuDevice) => Promise<Backend>,
): Promise<void> {
  const lost = {
    code: 'DEVICE_LOST',
    message: matching(/the device of backend '.*' was lost .*open a new backend/),
  };
  const device = await requestDevice();
  const backend = await open(device);
  const x = backend.constant(float32([2], [1, 2]));
  const y = add(x, x);
  const program = await backend.compile(({ a }) => ({ b: add(a, 1) }), { a: x });
  expect(await y.data()).toEqual(Float32Array.of(2, 4));
  const z = add(y, y);

  device.destroy();
  // The loss is not reported yet.
  await expect(z.data()).rejects.toMatchObject(lost);
  expect(() => add(x, x)).toThrow(expect.objectContaining(lost));
  expect(() => backend.constant(float32([1], [1]))).toThrow(expect.objectContaining(lost));
  await expect(y.data()).rejects.toMatchObject(lost);
  await expect(program.run({ a: x })).rejects.toMatchObject(lost);
  disposeAll([x, y, z]);
  await backend.close();

  const other = await requestDevice();
  const anew = await open(other);
  const sum = add(anew.constant(float32([2], [1, 2])), 1);
  expect(await sum.data()).toEqual(Float32Array.of(2, 3));
  await anew.close();

  // A device passed by the caller stays open.
  const again = await open(other);
  expect(await again.constant(float32([1], [5])).data()).toEqual(Float32Array.of(5));
  await again.close();
  other.destroy();
}
