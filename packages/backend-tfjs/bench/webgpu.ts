/**
 * WebGPU in Node with our own kernels and with tfjs's alone: a dense block of DeiT-Ti. Without a GPU, point Vulkan to a
 * software one: `VK_DRIVER_FILES=… LD_LIBRARY_PATH=… npm run bench:webgpu -w @patchslim/backend-tfjs`.
 */

import { disposeAll, type Backend } from '@patchslim/tensor';
import { compareRuns, type Side } from '@patchslim/testing';
import { createWebGpuNodeBackend } from '../src/webgpu-node.js';
import { oneBlock } from '../test/one-block.js';

function side(name: string, backend: Backend): Side {
  const run = oneBlock(backend);
  return {
    name,
    async run() {
      const result = run();
      await result.data();
      disposeAll([result]);
    },
  };
}

const tfjs = await createWebGpuNodeBackend({ ownKernels: false });
const own = await createWebGpuNodeBackend();
await compareRuns(
  'a dense block of DeiT-Ti, batch 1',
  [side("tfjs's kernels", tfjs), side('our own', own)],
  9,
);
for (const backend of [tfjs, own]) await backend.close();
