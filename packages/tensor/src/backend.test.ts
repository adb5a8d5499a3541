/** Backends: constants, names in errors, mixed backends, use after dispose, missing kernels. */

import { describe, expect, it } from 'vitest';
import {
  add,
  createBackend,
  exp,
  float32,
  gelu,
  isPatchslimError,
  matMul,
  named,
  softmax,
  sum,
  type ErrorCode,
  type Kernels,
} from './index.js';
import { referenceDriver } from './reference/driver.js';
import { createReferenceBackend } from './reference/index.js';

const backend = createReferenceBackend();
const x = backend.constant(float32([2, 3], [1, 2, 3, 4, 5, 6]));

function expectRefusal(call: () => unknown, code: ErrorCode, message: string): void {
  expect(call).toThrow(message);
  expect(call).toThrow(expect.toSatisfy((error: unknown) => isPatchslimError(error, code)));
}

it('reports bytes and threads only if its driver knows them', () => {
  expect([backend.memory.deviceBytes, backend.threads]).toEqual([undefined, undefined]);
  let bytes = 8;
  const knowing = createBackend({ ...referenceDriver, deviceBytes: () => bytes, threads: 2 });
  expect([knowing.memory.deviceBytes, knowing.threads]).toEqual([8, 2]);
  bytes = 16;
  expect(knowing.memory.deviceBytes).toBe(16);
});

describe('constant', () => {
  it('requires one value per position of the shape', () => {
    const host = { shape: [2], dtype: 'float32' as const, data: new Float32Array(3) };
    expectRefusal(
      () => backend.constant(host),
      'SHAPE_MISMATCH',
      'constant(): float32[2] needs 2 values, got 3',
    );
  });

  it('returns the values it was made from', async () => {
    const host = float32([2, 1], [1, 2]);
    expect(await backend.constant(host).toHost()).toEqual(host);
  });
});

describe('named', () => {
  it('puts the path in the model into errors', () => {
    const call = () => named(backend, 'blocks.3', () => named(backend, 'attn', () => matMul(x, x)));
    expectRefusal(call, 'SHAPE_MISMATCH', 'got float32[2,3], float32[2,3]; in blocks.3/attn');
    try {
      call();
    } catch (error) {
      expect(error).toMatchObject({ details: { op: 'matMul', path: 'blocks.3/attn' } });
    }
  });

  it('ends with its body, also on a throw', () => {
    expect(() => named(backend, 'a', () => matMul(x, x))).toThrow();
    expect(backend.path).toBe('');
    expect(named(backend, 'a', () => named(backend, 'b', () => backend.path))).toBe('a/b');
    expect(named(backend, 'a', () => [named(backend, 'b', () => 0), backend.path])).toEqual([0, 'a']);
  });

  it('reaches the kernel', () => {
    const paths: string[] = [];
    const exponential = referenceDriver.kernels.exp;
    const spying = createBackend({
      ...referenceDriver,
      kernels: { ...referenceDriver.kernels, exp: (call) => (paths.push(call.path), exponential(call)) },
    });
    named(spying, 'head', () => softmax(spying.constant(float32([2], [1, 2]))));
    expect(paths).toEqual(['head']);
  });
});

describe('tensors', () => {
  it('of different backends cannot be mixed', () => {
    const other = createBackend({ ...referenceDriver, name: 'other' });
    const y = other.constant(float32([3], [1, 2, 3]));
    expectRefusal(
      () => add(x, y),
      'INVALID_ARGUMENT',
      'add(): tensors of different backends: reference, other',
    );
  });

  it('cannot be used after dispose', async () => {
    const gone = backend.constant(float32([2], [1, 2]));
    gone.dispose();
    gone.dispose();
    expectRefusal(() => exp(gone), 'DISPOSED', 'exp(): float32[2] was used after it was disposed');
    const inModel = () => named(backend, 'head', () => add(x, gone));
    expectRefusal(inModel, 'DISPOSED', 'add(): float32[2] was used after it was disposed; in head');
    await expect(gone.data()).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('release their handle once', () => {
    const released: unknown[] = [];
    const counting = createBackend({ ...referenceDriver, release: (handle) => released.push(handle) });
    const y = counting.constant(float32([1], [1]));
    const { handle } = y;
    y.dispose();
    y.dispose();
    expect(released).toEqual([handle]);
  });
});

describe('a backend', () => {
  it('that lacks a primitive throws UNSUPPORTED_OP', () => {
    const kernels = { ...referenceDriver.kernels, erf: undefined } as unknown as Kernels;
    const partial = createBackend({
      ...referenceDriver,
      name: 'partial',
      kernels,
    });
    const y = partial.constant(float32([1], [1]));
    expectRefusal(() => gelu(y), 'UNSUPPORTED_OP', "erf(): not supported by backend 'partial'");
    expect(partial.memory.liveTensors).toBe(1);
  });

  it('may override a composite', async () => {
    const fused = createBackend({
      ...referenceDriver,
      kernels: { ...referenceDriver.kernels, gelu: () => Float64Array.of(42) },
    });
    expect(await gelu(fused.constant(float32([1], [1]))).data()).toEqual(Float32Array.of(42));
  });

  it('closes its runtime', async () => {
    let closed = 0;
    await createBackend({ ...referenceDriver, close: () => Promise.resolve(void closed++) }).close();
    expect(closed).toBe(1);
    await expect(backend.close()).resolves.toBeUndefined();
    expect(await sum(x).data()).toEqual(Float32Array.of(21));
  });
});
