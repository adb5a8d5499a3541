/**
 * WebGPU in Node with our own kernels and with only tfjs's: layers and blocks of DeiT-Ti. Without a GPU, point Vulkan to a
 * software one: `VK_DRIVER_FILES=… LD_LIBRARY_PATH=… npm run bench:webgpu -w @patchslim/backend-tfjs`.
 */

import { disposeAll, linear, scope, type Backend, type Tensor } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import { createReducer } from '@patchslim/token-reducers';
import type { BlockPlan } from '@patchslim/vit-models';
import { createWebGpuNodeBackend } from '../src/webgpu-node.js';
import { oneBlock } from '../test/one-block.js';
import { random } from '../test/transformer.js';

const tfjs = await createWebGpuNodeBackend({ ownKernels: false });
const own = await createWebGpuNodeBackend();

/** @param prepare uploads the inputs; the returned function is timed, including the read of its result */
async function compare(title: string, prepare: (backend: Backend) => () => Tensor): Promise<void> {
  const side = (name: string, backend: Backend) => {
    const run = prepare(backend);
    return {
      name,
      async run() {
        const result = run();
        await result.data();
        disposeAll([result]);
      },
    };
  };
  await compareRuns(title, [side("tfjs's kernels", tfjs), side('our own', own)], 9);
}

/** A layer with GELU and a residual. */
const layer = (rows: number, inner: number, width: number) => (backend: Backend) => {
  const [x, weight] = [
    backend.constant(random([1, rows, inner], 1)),
    backend.constant(random([inner, width], 2)),
  ];
  const [bias, residual] = [
    backend.constant(random([width], 3)),
    backend.constant(random([1, rows, width], 4)),
  ];
  return () => scope(backend, () => linear(x, weight, bias, { activation: 'gelu', residual }));
};

for (const [rows, inner, width] of [
  [197, 192, 192],
  [197, 192, 768],
  [197, 768, 192],
  [1, 192, 768],
] as const) {
  await compare(`a layer of ${rows} rows from ${inner} to ${width}`, layer(rows, inner, width));
}
const merging: BlockPlan[] = [{ kind: 'reduce', count: 150, reducer: createReducer('ward') }];
await compare('a dense block, batch 1', (backend) => oneBlock(backend));
await compare('a block that merges 197 tokens to 150, batch 1', (backend) => oneBlock(backend, merging));
for (const backend of [tfjs, own]) await backend.close();
