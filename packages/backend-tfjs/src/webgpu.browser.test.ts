/** The browser: WebGPU together with WASM and the CPU, memory, lost devices. */

import { add, float32 } from '@patchslim/tensor';
import { atNight } from '@patchslim/testing/by-day';
import { describe, expect, it } from 'vitest';
import {
  checkBool,
  checkCasts,
  checkInterleaved,
  checkLostDevice,
  checkPrograms,
  checkSteadyMemory,
} from '../test/scenarios.js';
import { createCpuBackend } from './cpu.js';
import { requestDevice, type Gpu, type GpuAdapter, type GpuDevice } from './gpu.js';
import { createWasmBackend } from './wasm.js';
import { createWebGpuBackend } from './webgpu.js';

const backends = { cpu: createCpuBackend, wasm: createWasmBackend, webgpu: createWebGpuBackend } as const;

// By day webgpu.dawn.test.ts does it with a GPU.
atNight('backends side by side run ops and programs in turn', async () => {
  const all = [await createWebGpuBackend(), await createWasmBackend(), await createCpuBackend()];
  await checkInterleaved(all);
  await checkPrograms(all);
  for (const backend of all) await backend.close();
});

describe.each(Object.keys(backends) as (keyof typeof backends)[])('%s', (kind) => {
  const test = kind === 'webgpu' ? atNight : it; // by day webgpu.dawn.test.ts does it with a GPU
  test('uses no more memory after 200 runs than after 5', async () => {
    const backend = await backends[kind]();
    await checkSteadyMemory(backend);
    await backend.close();
  });

  it('keeps dtypes apart', async () => {
    const backend = await backends[kind]();
    await checkBool(backend);
    await checkCasts(backend);
    await backend.close();
  });
});

describe('WebGPU', () => {
  it('reports the size of its buffers, which others cannot', async () => {
    const [gpu, cpu] = [await createWebGpuBackend(), await createCpuBackend()];
    const before = gpu.memory.deviceBytes!;
    const x = gpu.constant(float32([1000], new Float32Array(1000)));
    const y = add(x, x);
    await y.data();
    expect(gpu.memory.deviceBytes).toBeGreaterThanOrEqual(before + 8000);
    expect(cpu.memory.deviceBytes).toBeUndefined();
    expect([gpu.threads, cpu.threads]).toEqual([undefined, undefined]);
    await gpu.close();
    await cpu.close();
  });

  it('reports a lost device, and starts again', async () => {
    const { gpu } = (globalThis as unknown as { navigator: { gpu: Gpu } }).navigator;
    await checkLostDevice(
      async () => (await requestDevice(gpu)).device,
      (device) => createWebGpuBackend({ device }),
    );
  });

  it('starts again after it lost its own device, and destroys only its own', async () => {
    const page = globalThis as unknown as { GPUAdapter: { prototype: GpuAdapter } };
    const { prototype } = page.GPUAdapter;
    const devices: GpuDevice[] = [];
    const request = Object.getOwnPropertyDescriptor(prototype, 'requestDevice')!;
    const requestDevice = request.value as GpuAdapter['requestDevice'];
    prototype.requestDevice = async function (this: GpuAdapter, descriptor) {
      const device = await requestDevice.call(this, descriptor);
      devices.push(device);
      return device;
    };
    try {
      const backend = await createWebGpuBackend();
      const x = backend.constant(float32([2], [1, 2]));
      const y = add(x, x);
      devices[0]!.destroy();
      await expect(y.data()).rejects.toMatchObject({ code: 'DEVICE_LOST' });
      expect(() => add(x, x)).toThrow(expect.objectContaining({ code: 'DEVICE_LOST' }));
      await backend.close();

      const anew = await createWebGpuBackend();
      expect(await add(anew.constant(float32([2], [1, 2])), 1).data()).toEqual(Float32Array.of(2, 3));
      await anew.close();
      expect(devices).toHaveLength(2);
      expect((await devices[1]!.lost).reason).toBe('destroyed');
    } finally {
      Object.defineProperty(prototype, 'requestDevice', request);
    }
  });
});

describe('WASM', () => {
  it('loads the threaded build in an isolated page, from the bundled location', async () => {
    const page = globalThis as unknown as {
      crossOriginIsolated: boolean;
      performance: { getEntriesByType(type: 'resource'): readonly { readonly name: string }[] };
    };
    expect(page.crossOriginIsolated).toBe(true);
    const backend = await createWasmBackend({ threads: 2 });
    expect(backend.threads).toBeGreaterThanOrEqual(1);
    const loaded = page.performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1));
    expect(loaded).toContain('tfjs-backend-wasm-threaded-simd.wasm');
    await checkPrograms([backend]);
    await backend.close();
  });
});
