/** Our WebGPU kernels: their savings, counted at the device, and sizes beyond the conformance suite. */

import {
  attention,
  attentionProbabilities,
  disposeAll,
  float32,
  gather,
  gelu,
  int32,
  layerNorm,
  linear,
  mergeRows,
  normalize,
  scatterAdd,
  scope,
  topK,
  type Backend,
  type Epilogue,
  type MergedColumns,
  type Tensor,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describeOnGpu } from '@patchslim/testing';
import { atNight, sampleByDay } from '@patchslim/testing/by-day';
import { createReducer } from '@patchslim/token-reducers';
import type { BlockPlan } from '@patchslim/vit-models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { create } from 'webgpu';
import { countGpu } from '../test/gpu-counters.js';
import { oneBlock } from '../test/one-block.js';
import { random } from '../test/transformer.js';
import { requestDevice, type Gpu } from './gpu.js';
import { createWebGpuNodeBackend } from './webgpu-node.js';

const reference = createReferenceBackend();
/** Kept until the process ends: see `dawnInstance`. */
const gpu = create([]) as unknown as Gpu;

async function openCounted(ownKernels?: boolean) {
  const { device } = await requestDevice(gpu);
  const counter = countGpu(device);
  const backend = await createWebGpuNodeBackend({ device, ownKernels });
  const close = async () => {
    await backend.close();
    device.destroy();
  };
  return { backend, counter, close };
}

async function valuesOf(make: () => Tensor): Promise<number[]> {
  const tensor = make();
  const values = [...(await tensor.data())];
  disposeAll([tensor]);
  return values;
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

async function measureBlock(ownKernels: boolean, plan?: readonly BlockPlan[]) {
  const { backend, counter, close } = await openCounted(ownKernels);
  const run = oneBlock(backend, plan);
  let values: number[] = [];
  const counts = await counter.count(async () => {
    values = await valuesOf(run);
  });
  const { peakBytes } = counter;
  await close();
  return { ...counts, peakBytes, values };
}

/** Head widths divisible by four and others; rows across tiles of keys; results that need several workgroups. */
const ops: Readonly<Record<string, (backend: Backend) => Tensor>> = {
  'layer norm of width 10': (b) => {
    const of = (shape: number[], seed: number) => b.constant(random(shape, seed));
    return layerNorm(of([3, 7, 10], 1), of([10], 2), of([10], 3), 1e-6);
  },
  'layer norm of width 1024': (b) => {
    const of = (shape: number[], seed: number) => b.constant(random(shape, seed));
    return layerNorm(of([5, 1024], 1), of([1024], 2), of([1024], 3), 1e-6);
  },
  'GELU of 1001 values': (b) => gelu(b.constant(random([7, 143], 1, 6))),
  ...Object.fromEntries(
    [8, 20, 22, 64].flatMap((headWidth) => {
      const of = (b: Backend, rows: number, seed: number) =>
        b.constant(random([2, rows, 2 * headWidth], seed, 2));
      const bias = (b: Backend) => b.constant(random([2, 1, 1, 131], 4));
      return [
        [
          `attention with heads of width ${headWidth}`,
          (b: Backend) => attention(of(b, 33, 1), of(b, 131, 2), of(b, 131, 3), 2, { bias: bias(b) }),
        ],
        [
          `attention probabilities with heads of width ${headWidth}`,
          (b: Backend) => attentionProbabilities(of(b, 33, 1), of(b, 131, 2), 2, { bias: bias(b) }),
        ],
      ];
    }),
  ),
  ...Object.fromEntries(
    (
      [
        // One, four and eight rows per invocation; widths divisible by vector and tile sizes, and others.
        [1, 192, 10],
        [7, 33, 35],
        [8, 100, 64],
        [9, 48, 1],
        [70, 34, 30],
        [65, 5, 2018],
        [65, 8, 2020],
      ] as const
    ).flatMap(([rows, inner, width]) => {
      const of = (b: Backend, shape: readonly number[], seed: number) => b.constant(random(shape, seed));
      const layer = (b: Backend, epilogue?: Epilogue) =>
        linear(of(b, [1, rows, inner], 1), of(b, [inner, width], 2), of(b, [width], 3), epilogue);
      return [
        [`layer of ${rows} rows from ${inner} to ${width}`, (b: Backend) => layer(b)],
        [
          `layer of ${rows} rows from ${inner} to ${width} with GELU and residual`,
          (b: Backend) => layer(b, { activation: 'gelu', residual: of(b, [1, rows, width], 4) }),
        ],
      ];
    }),
  ),
  'normalisation of rows of width 300': (b) => normalize(b.constant(random([2, 7, 300], 1))),
  'normalisation of an inner axis': (b) => normalize(b.constant(random([3, 50, 6], 1)), 1),
  ...Object.fromEntries(
    [1, 6, 192].flatMap((channels) => {
      const rows = [
        [2, 90, channels],
        [2, 90, 1],
      ] as const;
      const positive = (b: Backend, seed: number) => {
        const { data } = random(rows[1], seed);
        return b.constant(
          float32(
            rows[1],
            data.map((value) => value + 1.1),
          ),
        );
      };
      // 40 of 90 rows are merged away; 48 are destinations, one stays, one is dropped.
      const order = int32([2, 89], new Int32Array(2 * 89));
      for (let place = 0; place < 2 * 89; place++) order.data[place] = ((place % 89) * 7 + 3) % 90;
      const targets = int32([2, 40], new Int32Array(80));
      for (let guest = 0; guest < 80; guest++) targets.data[guest] = (guest * guest) % 48;
      const merged = (b: Backend, columns?: MergedColumns) => {
        const merging = { order: b.constant(order), targets: b.constant(targets), destinations: 48 };
        return mergeRows(b.constant(random(rows[0], 1)), merging, columns);
      };
      return [
        [`sums of merged rows of ${channels} channels`, (b: Backend) => merged(b)],
        [
          `means of merged rows of ${channels} channels`,
          (b: Backend) => merged(b, { weights: positive(b, 3) }),
        ],
        [
          `means of merged rows of ${channels} channels, and sizes`,
          (b: Backend) => merged(b, { weights: positive(b, 3), sizes: positive(b, 4) }),
        ],
      ];
    }),
  ),
  'tokens added at their original positions': (b) =>
    scatterAdd(
      b.constant(random([2, 50, 24], 1)),
      b.constant(int32([2, 3], [49, 0, 7, 7, 8, 7])),
      b.constant(random([2, 3, 24], 2)),
      1,
      1,
    ),
  'gather of the tokens of each image': (b) =>
    gather(b.constant(random([2, 50, 24], 1)), b.constant(int32([2, 3], [49, 0, 7, 7, 8, 1])), 1, 1),
  'the largest of 1000 values': (b) => topK(b.constant(random([3, 1000], 1)), 700),
  'the largest values with infinities': (b) =>
    topK(b.constant(float32([1, 5], [-Infinity, 1, Infinity, -0, 0])), 5),
};

describeOnGpu('kernels of our own', () => {
  let shared: Awaited<ReturnType<typeof openCounted>>;
  beforeAll(async () => {
    shared = await openCounted();
  });
  afterAll(() => shared.close());

  const dense =
    'need less than half of the dispatches and written bytes of a block, and at most 0.7 of the memory';
  atNight(dense, async () => {
    const [tfjs, own] = [await measureBlock(false), await measureBlock(true)];
    expect(tfjs.dispatches).toBe(39);
    expect(own.dispatches).toBe(9);
    expect(own.bytesWritten / tfjs.bytesWritten).toBeLessThan(0.5);
    expect(own.peakBytes / tfjs.peakBytes).toBeLessThan(0.7);
    expect(distance(own.values, tfjs.values)).toBeLessThan(1e-5);
  });

  const withMerging = 'need less than half of the dispatches and written bytes of a block that merges tokens';
  atNight(withMerging, async () => {
    const plan: BlockPlan[] = [{ kind: 'reduce', count: 150, reducer: createReducer('ward') }];
    const [tfjs, own] = [await measureBlock(false, plan), await measureBlock(true, plan)];
    expect(tfjs.dispatches).toBe(172);
    expect(own.dispatches).toBe(39);
    expect(own.bytesWritten / tfjs.bytesWritten).toBeLessThan(0.5);
    expect(own.peakBytes / tfjs.peakBytes).toBeLessThan(0.7);
    expect(distance(own.values, tfjs.values)).toBeLessThan(1e-5);
  });

  it.each(sampleByDay(3, Object.entries(ops)))('%s needs one dispatch and is correct', async (_, op) => {
    const { backend, counter } = shared;
    const run = (b: Backend) => () => scope(b, () => op(b));
    let values: number[] = [];
    const { dispatches } = await counter.count(async () => {
      values = await valuesOf(run(backend));
    });
    expect(dispatches).toBe(1);
    expect(distance(values, await valuesOf(run(reference)))).toBeLessThan(1e-5);
    expect(backend.memory.liveTensors).toBe(0);
  });

  it('reach all values if one axis of a dispatch is too short', { timeout: 60_000 }, async () => {
    const { backend, close } = await openCounted();
    const count = 65_535 * 64 + 65;
    const seven = [-3, -2, -1, 0, 1, 2, 3];
    const wanted = await valuesOf(() =>
      scope(reference, () => gelu(reference.constant(float32([7], seven)))),
    );
    const values = await valuesOf(() =>
      scope(backend, () =>
        gelu(
          backend.constant(
            float32(
              [count],
              Float32Array.from({ length: count }, (_, i) => seven[i % 7]!),
            ),
          ),
        ),
      ),
    );
    expect(values).toHaveLength(count);
    expect(values.every((value, i) => Math.abs(value - wanted[i % 7]!) < 1e-5)).toBe(true);
    await close();
  });

  it('use the sort of tfjs for top-k of very long rows', async () => {
    const { backend, counter, close } = await openCounted();
    const run = (b: Backend) => () => scope(b, () => topK(b.constant(random([1, 5000], 1)), 3));
    const { dispatches } = await counter.count(async () => {
      expect(await valuesOf(run(backend))).toEqual(await valuesOf(run(reference)));
    });
    expect(dispatches).toBeGreaterThan(1);
    await close();
  });
});
