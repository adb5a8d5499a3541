/** libtensorflow in Node: beside other backends of tfjs, and memory. The native part must be there: `patchslim setup`. */

import { add, float32, gather, int32, named } from '@patchslim/tensor';
import { runChild } from '@patchslim/testing';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tensorsInTfjs } from '../test/check-case.js';
import { nativeName, openNative } from '../test/native-backend.js';
import {
  checkBool,
  checkCasts,
  checkInterleaved,
  checkPrograms,
  checkSteadyMemory,
  matching,
} from '../test/scenarios.js';
import { createCpuBackend } from './cpu.js';
import { createNodeGpuBackend } from './node-gpu.js';
import { createNodeBackend } from './node.js';
import { createWasmBackend } from './wasm.js';

describe(`${nativeName} beside other backends`, () => {
  it('runs ops in turn with them', async () => {
    await checkInterleaved([
      await openNative(),
      await createWasmBackend(),
      await openNative(),
      await createCpuBackend(),
    ]);
  });

  it('runs programs in turn with them', async () => {
    await checkPrograms([await createCpuBackend(), await openNative(), await createWasmBackend()]);
  });

  it('leaves the backend of the surrounding program as it is', async () => {
    await tf.setBackend('cpu');
    const theirs = tf.tensor1d([1, 2]);
    const own = await openNative();
    expect(tf.getBackend()).toBe('cpu');
    const ours = add(own.constant(float32([2], [5, 6])), 1);
    expect([...(await tf.add(theirs, 1).data())]).toEqual([2, 3]);
    expect(await ours.data()).toEqual(Float32Array.of(6, 7));
    await own.close();
    expect([...(await tf.add(theirs, theirs).data())]).toEqual([2, 4]);
  });

  it.each(['cpu', 'wasm'])('leaves a program on tfjs %s its backend, flags and listeners', async (theirs) => {
    const child = fileURLToPath(new URL('../test/children/beside-native.ts', import.meta.url));
    const { before, after, values, ours } = (await runChild(child, {
      PATCHSLIM_TEST_BACKEND: theirs,
    })) as Outcome;
    expect(after).toMatchObject(before);
    expect(values).toEqual([7, 10, 15, 22]);
    expect(ours).toEqual([8, 11, 16, 23]);
  });

  it('refuses the other of the two packages', async () => {
    await openNative();
    const openOther = nativeName === 'tfjs-node' ? createNodeGpuBackend : createNodeBackend;
    await expect(openOther()).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });
});

interface Outcome {
  readonly before: object;
  readonly after: object;
  readonly values: readonly number[];
  readonly ours: readonly number[];
}

describe(nativeName, () => {
  it('uses no more memory after 200 runs than after 5', async () => {
    const backend = await openNative();
    await checkSteadyMemory(backend);
    const before = process.memoryUsage().rss;
    await checkSteadyMemory(backend);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(50);
    await backend.close();
  });

  it('keeps dtypes apart', async () => {
    const backend = await openNative();
    await checkBool(backend);
    await checkCasts(backend);
    await backend.close();
  });

  it('reads copies', async () => {
    const x = (await openNative()).constant(float32([2], [1, 2]));
    (await x.data()).fill(9);
    expect(await x.data()).toEqual(Float32Array.of(1, 2));
  });

  it('names op and path when TensorFlow refuses values', async () => {
    const backend = await openNative();
    const x = backend.constant(float32([2], [1, 2]));
    const i = backend.constant(int32([1], [2]));
    const before = tensorsInTfjs();
    expect(() => named(backend, 'blocks.3', () => gather(x, i, 0))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: matching(
          new RegExp(`^gather\\(\\) in blocks\\.3 failed in ${nativeName}: .*not in \\[0, 1\\]`),
        ),
      }),
    );
    expect(tensorsInTfjs()).toBe(before);
  });

  it('frees its tensors on close', async () => {
    const before = tensorsInTfjs();
    const backend = await openNative();
    const x = backend.constant(float32([2], [1, 2]));
    add(x, x);
    await backend.close();
    expect(tensorsInTfjs()).toBe(before);
    expect(() => add(x, x)).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });
});
