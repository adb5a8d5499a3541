/** What our own kernels for WebGPU save in one block of a transformer: counted at the device. */

import {
  createRandom,
  disposeAll,
  float32,
  sizeOf,
  type Backend,
  type HostTensor,
  type Shape,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describeOnGpu } from '@patchslim/testing';
import { densePlan, mapParams, paramShapes, runBlocks, type VitConfig } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { create } from 'webgpu';
import { countGpu } from '../test/gpu-counters.js';
import { requestDevice, type Gpu } from './gpu.js';
import { createWebGpuNodeBackend } from './webgpu-node.js';

/** Kept to the end: see `dawnInstance`. */
const gpu = create([]) as unknown as Gpu;

/** DeiT-Ti at its image size: 197 tokens. */
const config: VitConfig = {
  name: 'one block',
  imageSize: 224,
  patchSize: 16,
  width: 192,
  depth: 1,
  heads: 3,
  mlpWidth: 768,
  classes: 2,
  distilled: false,
  layerNormEps: 1e-6,
};
const shape: Shape = [1, 197, config.width];

const random = createRandom(5);
const noise = (shape: Shape, size = 0.1): HostTensor<'float32'> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => size * (2 * random() - 1)),
  );
const input = noise(shape, 1);
const hostParams = mapParams(paramShapes(config), (shape) => noise(shape));

/** A function that runs the block once, and gives what it computed. */
function blockOn(backend: Backend): () => Promise<Float32Array> {
  const params = mapParams(hostParams, (host) => backend.constant(host));
  const tokens = backend.constant(input);
  const positions = Array.from({ length: shape[1]! }, (_, i) => i);
  return async () => {
    const { state } = runBlocks({ config, params }, { tokens, positions }, { plan: densePlan(config) });
    const values = await state.tokens.data();
    disposeAll([state.tokens]);
    return Float32Array.from(values);
  };
}

/** Of a run after the first, which fills buffers that later ones take again. */
async function measure(ownKernels: boolean) {
  const { device } = await requestDevice(gpu);
  const counter = countGpu(device);
  const backend = await createWebGpuNodeBackend({ device, ownKernels });
  const run = blockOn(backend);
  const values = await run();
  const counts = await counter.count(async () => {
    await run();
  });
  const { peakBytes } = counter;
  await backend.close();
  device.destroy();
  return { ...counts, peakBytes, values };
}

describeOnGpu('kernels of our own', () => {
  it('take less than half of the dispatches and written bytes of a block, and 0.7 of the memory', async () => {
    const [tfjs, own] = [await measure(false), await measure(true)];
    expect(tfjs.dispatches).toBe(39);
    expect(own.dispatches).toBe(12);
    expect(own.bytesWritten / tfjs.bytesWritten).toBeLessThan(0.5);
    expect(own.peakBytes / tfjs.peakBytes).toBeLessThan(0.7);

    const exact = await blockOn(createReferenceBackend())();
    for (const { values } of [tfjs, own]) {
      expect(Math.max(...exact.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-5);
    }
  });
});
