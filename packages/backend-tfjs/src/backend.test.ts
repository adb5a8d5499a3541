/** The adapter in Node: other tfjs backends in the same process, errors, leaks. */

import { add, float32, gather, int32, mul, named, type Tensor } from '@patchslim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tensorsInTfjs } from '../test/check-case.js';
import {
  checkBool,
  checkCasts,
  checkInterleaved,
  checkPrograms,
  checkSteadyMemory,
  matching,
} from '../test/scenarios.js';
import { createCpuBackend } from './cpu.js';
import { createTfjsBackend } from './index.js';
import { createWasmBackend } from './wasm.js';

const backends = { cpu: createCpuBackend, wasm: createWasmBackend } as const;
const each = Object.keys(backends) as (keyof typeof backends)[];

describe('backends side by side', () => {
  it('run ops in turn', async () => {
    await checkInterleaved([
      await createCpuBackend(),
      await createWasmBackend(),
      await createWasmBackend(),
      await createCpuBackend(),
    ]);
  });

  it('run programs in turn', async () => {
    await checkPrograms([await createCpuBackend(), await createWasmBackend()]);
  });

  it('do not touch backends of the surrounding program', async () => {
    await tf.setBackend('cpu');
    const theirs = tf.tensor1d([1, 2]);
    const own = await createWasmBackend();
    const x = own.constant(float32([2], [5, 6]));
    await tf.setBackend('cpu');
    const sum = tf.add(theirs, 1);
    const ours = add(x, 1);
    expect([...(await sum.data())]).toEqual([2, 3]);
    expect(await ours.data()).toEqual(Float32Array.of(6, 7));
    await own.close();
    await tf.setBackend('cpu');
    expect([...(await tf.add(sum, theirs).data())]).toEqual([3, 5]);
  });

  it('survive a surrounding tidy', async () => {
    const backend = await createCpuBackend();
    const kept: Tensor[] = [];
    tf.tidy(() => {
      kept.push(add(backend.constant(float32([1], [1])), 1));
    });
    expect(await kept[0]!.data()).toEqual(Float32Array.of(2));
  });
});

describe.each(each)('%s', (kind) => {
  it('uses no more memory after 200 runs than after 5', async () => {
    const megabytes = () => process.memoryUsage().rss / 2 ** 20;
    const before = megabytes();
    const backend = await backends[kind]();
    const instance = tf.findBackend(tf.engine().backendNames().at(-1)!);
    const heapSize = () => (instance as { wasm?: { HEAPU8: Uint8Array } }).wasm?.HEAPU8.length;
    await checkSteadyMemory(backend, heapSize);
    expect(megabytes() - before).toBeLessThan(300);
  });

  it('keeps dtypes apart', async () => {
    const backend = await backends[kind]();
    await checkBool(backend);
    await checkCasts(backend);
  });

  it('reads copies', async () => {
    const x = (await backends[kind]()).constant(float32([2], [1, 2]));
    (await x.data()).fill(9);
    expect(await x.data()).toEqual(Float32Array.of(1, 2));
  });

  it('names op and path when tfjs refuses values', async () => {
    const backend = await backends[kind]();
    const x = backend.constant(float32([2], [1, 2]));
    const i = backend.constant(int32([1], [2]));
    const before = tensorsInTfjs();
    expect(() => named(backend, 'blocks.3', () => gather(x, i, 0))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: matching(
          new RegExp(
            `^gather\\(\\) in blocks\\.3 failed in tfjs-${kind}: .*index value 2 is not in \\[0, 1\\]`,
          ),
        ),
      }),
    );
    expect(tensorsInTfjs()).toBe(before);
  });

  it('frees everything on close', async () => {
    const before = { names: tf.engine().backendNames(), tensors: tensorsInTfjs() };
    const backend = await backends[kind]();
    const own = tf.engine().backendNames().at(-1)!;
    const x = backend.constant(float32([2], [1, 2]));
    const y = mul(x, x);
    await backend.close();
    await backend.close();
    expect({ names: tf.engine().backendNames(), tensors: tensorsInTfjs() }).toEqual(before);
    expect(tf.getKernelsForBackend(own)).toEqual([]);
    y.dispose();
    const closed = { code: 'DISPOSED', message: matching(new RegExp(`backend 'tfjs-${kind}' was closed`)) };
    expect(() => add(x, x)).toThrow(expect.objectContaining(closed));
    await expect(x.data()).rejects.toMatchObject(closed);
  });
});

describe('createTfjsBackend', () => {
  it('wraps a backend that the program has set up', async () => {
    await tf.setBackend('cpu');
    const backend = createTfjsBackend(tf, { name: 'theirs', tfBackend: 'cpu' });
    expect(await add(backend.constant(float32([1], [1])), 1).data()).toEqual(Float32Array.of(2));
    await backend.close();
    expect(tf.engine().backendNames()).toContain('cpu');
  });

  it.each(['webgl', 'wasm'])("refuses '%s', which is missing or not initialised", (tfBackend) => {
    expect(() => createTfjsBackend(tf, { name: 'x', tfBackend })).toThrow(
      expect.objectContaining({
        code: 'BACKEND_UNAVAILABLE',
        message: matching(
          new RegExp(`no initialised backend '${tfBackend}'.* await tf\\.setBackend\\('${tfBackend}'\\)`),
        ),
      }),
    );
  });
});

describe('createWasmBackend', () => {
  it('installs no crash handlers in the process', async () => {
    const listeners = () => [process.listeners('unhandledRejection'), process.listeners('uncaughtException')];
    const before = listeners();
    await createWasmBackend();
    expect(listeners()).toEqual(before);
  });
});
