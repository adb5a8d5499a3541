/** Picking in Chromium with WebGPU. */

import type { GpuDevice } from '@patchslim/backend-tfjs/webgpu';
import { expect, it } from 'vitest';
import { describeBackends, openBackend, pickBackend } from './index.js';

// The first test, because onnxruntime-web keeps its initial number of threads.
it('wasm accepts a number of threads, and reports it', async () => {
  const backend = await openBackend('wasm', { threads: 2 });
  expect(backend.threads).toBe(2);
  await backend.close();
});

it('skips Node-only backends, and picks WebGPU', async () => {
  const { name, backend, unavailable } = await pickBackend(['cuda', 'native', 'webgpu', 'wasm']);
  expect([name, backend.name]).toEqual(['webgpu', 'webgpu']);
  expect(unavailable).toEqual([
    { name: 'cuda', reason: 'cuda runs in Node, not in a browser' },
    { name: 'native', reason: 'native runs in Node, not in a browser' },
  ]);
  await backend.close();
});

it('finds every backend of a browser', async () => {
  const working = (await describeBackends()).filter(({ works }) => works).map(({ name }) => name);
  expect(working).toEqual(['webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-wasm', 'tfjs-cpu', 'reference']);
});

it.each(['tfjs-webgpu', 'webgpu'])('%s runs on the given device, and leaves it open', async (name) => {
  const { gpu } = (globalThis as unknown as { navigator: { gpu: { requestAdapter(): Promise<Adapter> } } })
    .navigator;
  const device = await (await gpu.requestAdapter()).requestDevice();
  let asked = 0;
  const requestDevice = () => Promise.resolve((asked++, device));
  const { backend } = await pickBackend([name], { requestDevice });
  expect(asked).toBe(1);
  expect(backend.name).toBe(name);
  await backend.close();
  const lost = await Promise.race([
    device.lost.then(() => 'lost'),
    new Promise((resolve) => setTimeout(resolve, 100, 'open')),
  ]);
  expect(lost).toBe('open');
  device.destroy();
});

interface Adapter {
  requestDevice(): Promise<GpuDevice>;
}
