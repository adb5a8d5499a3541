/** Weights in float16: memory saved, precision lost, and which constants count as weights. */

import {
  add,
  disposeAll,
  float32,
  linear,
  matMul,
  scope,
  sum,
  valueAndGrad,
  type Backend,
  type HostTensor,
  type Tensor,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describeOnGpu } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { create } from 'webgpu';
import { tensorsInTfjs } from '../test/check-case.js';
import { countGpu } from '../test/gpu-counters.js';
import { random } from '../test/transformer.js';
import { requestDevice, type Gpu } from './gpu.js';
import { createWebGpuNodeBackend } from './webgpu-node.js';

/** Kept until the process ends: see `dawnInstance`. */
const gpu = create([]) as unknown as Gpu;

const reference = createReferenceBackend();

const [inner, width] = [300, 200];
const x = random([1, 5, inner], 1);
const bias = random([width], 2);

async function layerOf(backend: Backend, weight: HostTensor): Promise<readonly number[]> {
  const { w, y } = scope(backend, () => {
    const w = backend.constant(weight);
    return { w, y: linear(backend.constant(x), w, backend.constant(bias), { activation: 'gelu' }) };
  });
  const values = [...(await y.data())];
  disposeAll([w, y]);
  return values;
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describeOnGpu('weights in float16', () => {
  it('take half of the memory, and lose only digits of the weights', async () => {
    const weight = random([inner, width], 3);
    // Weights that float16 represents exactly, so only sums could differ.
    const coarse = float32(
      weight.shape,
      weight.data.map((value) => Math.round(value * 1024) / 1024),
    );
    const results = [];
    for (const weights of ['float32', 'float16'] as const) {
      const { device } = await requestDevice(gpu);
      const counter = countGpu(device);
      const backend = await createWebGpuNodeBackend({ device, weights });
      const values = await layerOf(backend, weight);
      const { peakBytes } = counter;
      results.push({ values, peakBytes, exact: await layerOf(backend, coarse) });
      await backend.close();
      device.destroy();
    }
    const [full, half] = results as [(typeof results)[number], (typeof results)[number]];
    expect(full.peakBytes - half.peakBytes).toBe(2 * inner * width);
    expect(distance(half.exact, full.exact)).toBe(0);
    // 300 products of at most 1, with an error of at most 2^-12.
    expect(distance(half.values, full.values)).toBeLessThan(5e-3);
    expect(distance(half.values, full.values)).toBeGreaterThan(1e-5);
  });

  it.each(['float32', 'float16'] as const)(
    'the backend knows the size of its buffers, in %s',
    async (weights) => {
      const { device } = await requestDevice(gpu);
      const counter = countGpu(device);
      const backend = await createWebGpuNodeBackend({ device, weights });
      const kept = backend.constant(random([inner, width], 3));
      const y = scope(backend, () => linear(backend.constant(x), kept));
      await y.data();
      const { deviceBytes } = backend.memory;
      expect(deviceBytes).toBe(counter.bytes);
      // Little more than one copy of the weight.
      const size = weights === 'float16' ? 2 : 4;
      expect(deviceBytes).toBeGreaterThanOrEqual(size * inner * width);
      expect(deviceBytes).toBeLessThan(size * inner * width + 50_000);
      await backend.close();
      device.destroy();
    },
  );

  it('apply only to layers, and exclude values that float16 cannot hold', async () => {
    const before = tensorsInTfjs();
    const backend = await createWebGpuNodeBackend({ weights: 'float16' });
    const rows = random([3, 8], 1);
    const matrix = random([8, 4], 2);
    const layers: Readonly<Record<string, (b: Backend) => Tensor>> = {
      'another op': (b) => matMul(b.constant(rows), b.constant(matrix)),
      'a weight for another op too': (b) => {
        const weight = b.constant(matrix);
        linear(b.constant(rows), weight);
        return matMul(b.constant(rows), weight);
      },
      'a computed weight': (b) => linear(b.constant(rows), add(b.constant(matrix), 0)),
      'the input of a layer': (b) =>
        linear(b.constant(rows), b.constant(float32([8, 4], [2, ...new Array<number>(31).fill(0)]))),
      'a width that vectors do not divide': (b) => linear(b.constant(rows), b.constant(random([8, 5], 3))),
      'a weight beyond the range': (b) => linear(b.constant(rows), b.constant(random([8, 4], 4, 1e6))),
      gradients: (b) => {
        const [x, weight] = [b.constant(rows), b.constant(matrix)];
        return valueAndGrad(b, [x], () => sum(linear(x, weight))).grads[0]!;
      },
    };
    for (const [name, layer] of Object.entries(layers)) {
      const [got, wanted] = [scope(backend, () => layer(backend)), scope(reference, () => layer(reference))];
      const exact = [...(await wanted.data())];
      const error = distance([...(await got.data())], exact) / Math.max(1, ...exact.map(Math.abs));
      expect({ name, close: error < 1e-6 }).toEqual({ name, close: true });
      disposeAll([got, wanted]);
    }
    expect(tensorsInTfjs()).toBe(before);
    const kept = backend.constant(matrix);
    linear(backend.constant(rows), kept);
    expect(await kept.data()).toEqual(matrix.data);
    await backend.close();
    expect(tensorsInTfjs()).toBe(before);
  });

  it('need our own kernels', async () => {
    await expect(createWebGpuNodeBackend({ weights: 'float16', ownKernels: false })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
