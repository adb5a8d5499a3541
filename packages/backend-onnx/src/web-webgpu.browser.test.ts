/** onnxruntime-web on the GPU of a page, and the loss of its device. */

import { abs, float32, runOnHost, type Program } from '@patchslim/tensor';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchWasmMemory } from '../test/wasm-memory.js';
import { testWebBehaviour } from '../test/web-behaviour.js';
import { requestGpuDevice } from './gpu-device.js';
import { createOnnxWebBackend, describeRuntime, type OnnxBackend } from './index.js';

const heapBytes = watchWasmMemory();
const timeout = 300_000;

const open = (options = {}) =>
  createOnnxWebBackend({ provider: 'webgpu', threads: 1, disableCpuFallback: true, ...options });
const compileAbs = (backend: OnnxBackend) =>
  backend.compile(({ x }) => ({ y: abs(x) }), { x: { shape: [2], dtype: 'float32' } });
const run = async (backend: OnnxBackend, program: Program<'x', 'y'>) => {
  const { y } = await runOnHost(backend, program, { x: float32([2], [-1, 2]) });
  return [...y.data];
};

describe('onnxruntime-web webgpu in Chromium', () => {
  testWebBehaviour(open, heapBytes);

  it('starts next to wasm', { timeout }, async () => {
    const report = await describeRuntime('onnxruntime-web');
    expect(report).toEqual({
      runtime: 'onnxruntime-web',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown,
      providers: [
        { provider: 'wasm', available: true },
        { provider: 'webgpu', available: true },
      ],
    });
  });

  it('contacts no other host', () => {
    const { performance, location } = globalThis as unknown as {
      performance: { getEntriesByType(type: 'resource'): { readonly name: string }[] };
      location: { readonly origin: string };
    };
    const addresses = performance.getEntriesByType('resource').map(({ name }) => name);
    expect(addresses.filter((address) => address.endsWith('.wasm'))).not.toEqual([]);
    expect(addresses.filter((address) => new URL(address).origin !== location.origin)).toEqual([]);
  });
});

describe('a device that is lost', () => {
  it('ends its programs with DEVICE_LOST, and a new backend works', { timeout }, async () => {
    const device = await requestGpuDevice();
    const backend = await open({ device });
    const program = await compileAbs(backend);
    expect(await run(backend, program)).toEqual([1, 2]);
    const lost = expect.objectContaining({
      code: 'DEVICE_LOST',
      message: expect.stringMatching(/onnxruntime-web\/webgpu is lost .*open a new backend$/) as unknown,
    }) as unknown;

    const inFlight = run(backend, program);
    device.destroy();
    await expect(inFlight).rejects.toEqual(lost);
    await expect(run(backend, program)).rejects.toEqual(lost);
    await expect(compileAbs(backend)).rejects.toEqual(lost);
    await expect(open({ device })).rejects.toEqual(lost);
    expect(backend.memory.liveTensors).toBe(0);

    const another = await open();
    const again = await compileAbs(another);
    await program.dispose();
    await backend.close();
    expect(await run(another, again)).toEqual([1, 2]);
    await again.dispose();
    await another.close();
  });

  it('of the caller outlives the backend', { timeout }, async () => {
    const device = await requestGpuDevice();
    const [first, second] = [await open({ device }), await open({ device })];
    await first.close();
    const program = await compileAbs(second);
    expect(await run(second, program)).toEqual([1, 2]);
    await program.dispose();
    await second.close();
    device.destroy();
  });
});

describe('without a GPU', () => {
  afterEach(() => vi.restoreAllMocks());

  it('says so', async () => {
    const { gpu } = (globalThis as unknown as { navigator: { gpu: { requestAdapter(): Promise<unknown> } } })
      .navigator;
    vi.spyOn(gpu, 'requestAdapter').mockResolvedValue(null);
    await expect(open()).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(
        /^onnxruntime-web\/webgpu failed to start: WebGPU found no adapter; /,
      ) as unknown,
    });
  });
});
