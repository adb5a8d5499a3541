/** Picking in Chromium with WebGPU. */

import { expect, it } from 'vitest';
import { describeBackends, pickBackend } from './index.js';

it('passes over what only Node has, and gives WebGPU', async () => {
  const { name, backend, passedOver } = await pickBackend(['cuda', 'native', 'webgpu', 'wasm']);
  expect(name).toBe('webgpu');
  expect(passedOver).toEqual([
    { name: 'cuda', reason: 'cuda runs in Node, not in a browser' },
    { name: 'native', reason: 'native runs in Node, not in a browser' },
  ]);
  await backend.close();
});

it('finds every backend of a browser', async () => {
  const working = (await describeBackends()).filter(({ works }) => works).map(({ name }) => name);
  expect(working).toEqual(['webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-wasm', 'tfjs-cpu', 'reference']);
});
