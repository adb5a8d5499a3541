/** The browser: WebGPU beside WASM and the CPU, memory, devices that go away. */

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
import { requestDevice, type Gpu } from './gpu.js';
import { createWasmBackend } from './wasm.js';
import { createWebGpuBackend } from './webgpu.js';

const backends = { cpu: createCpuBackend, wasm: createWasmBackend, webgpu: createWebGpuBackend } as const;

describe('backends side by side', () => {
  it('run ops and programs in turn', async () => {
    const all = [await createWebGpuBackend(), await createWasmBackend(), await createCpuBackend()];
    await checkInterleaved(all);
    await checkPrograms(all);
    for (const backend of all) await backend.close();
  });
});

describe.each(Object.keys(backends) as (keyof typeof backends)[])('%s', (kind) => {
  it('uses no more memory after 200 runs than after 5', async () => {
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
  it('says when the device was lost, and comes up again', async () => {
    const { gpu } = (globalThis as unknown as { navigator: { gpu: Gpu } }).navigator;
    await checkLostDevice(
      async () => (await requestDevice(gpu)).device,
      (device) => createWebGpuBackend({ device }),
    );
  });
});

describe('WASM', () => {
  it('loads the build with threads in an isolated page, from where the bundler has put it', async () => {
    const page = globalThis as unknown as {
      crossOriginIsolated: boolean;
      performance: { getEntriesByType(type: 'resource'): readonly { readonly name: string }[] };
    };
    expect(page.crossOriginIsolated).toBe(true);
    const backend = await createWasmBackend({ threads: 2 });
    const loaded = page.performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1));
    expect(loaded).toContain('tfjs-backend-wasm-threaded-simd.wasm');
    await checkPrograms([backend]);
    await backend.close();
  });
});
