/** Opens every backend and prints `open` or the error. Runs in a folder where packages are missing. */

import type { Backend } from '@patchslim/tensor';
import { createCpuBackend } from '../../src/cpu.js';
import { createNodeGpuBackend } from '../../src/node-gpu.js';
import { createNodeBackend } from '../../src/node.js';
import { createWasmBackend } from '../../src/wasm.js';
import { createWebGpuNodeBackend } from '../../src/webgpu-node.js';
import { createWebGpuBackend } from '../../src/webgpu.js';

const entries: Readonly<Record<string, () => Promise<Backend>>> = {
  cpu: createCpuBackend,
  wasm: createWasmBackend,
  webgpu: createWebGpuBackend,
  'webgpu-node': createWebGpuNodeBackend,
  node: createNodeBackend,
  'node-gpu': createNodeGpuBackend,
};

const outcomes: Record<string, unknown> = {};
for (const [name, open] of Object.entries(entries)) {
  outcomes[name] = await open().then(
    () => 'open',
    (error: unknown) => (error instanceof Error ? { ...error, message: error.message } : error),
  );
}
console.log(JSON.stringify(outcomes));
