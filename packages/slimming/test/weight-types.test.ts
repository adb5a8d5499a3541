/** Slimming with quantisation: exported files of every kind of plan, with weights in fewer bits. */

import { createOnnxRecorder, exportOnnx, type Form, type WeightType } from '@patchslim/backend-onnx';
import { createRandom, float32, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import { forward, mapParams, paramShapes, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reduceTo } from './reduce-to.js';

/** 17 tokens; wide enough for nearly all of its bytes to be in matrices. */
const config: VitConfig = {
  name: 'wide',
  imageSize: 16,
  patchSize: 4,
  width: 96,
  depth: 4,
  heads: 3,
  mlpWidth: 384,
  classes: 30,
  layerNormEps: 1e-6,
};

const random = createRandom(1);
const uniform = (shape: Shape, range: number): HostTensor<'float32'> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => range * (2 * random() - 1)),
  );
const params = mapParams(paramShapes(config), (shape, kind) => uniform(shape, kind === 'weight' ? 0.15 : 1));
const images = uniform([4, 3, 16, 16], 2);

const dense: BlockPlan = { kind: 'dense' };
const prefix: BlockPlan = { kind: 'keep', keep: [0], keys: 'compact' };
const some: BlockPlan = { kind: 'keep', keep: [0, 2, 3, 5, 7, 8, 11, 13], keys: 'compact' };
const plans: readonly (readonly [name: string, plan: readonly BlockPlan[]])[] = [
  ['that keeps positions', [dense, some, dense, prefix]],
  ['that merges', [reduceTo(12, 'ward'), reduceTo(8, 'tome'), dense, prefix]],
  [
    'that ranks',
    [
      dense,
      reduceTo(10, 'top-k', { score: { name: 'class-attention' } }),
      reduceTo(5, 'top-k', { score: { name: 'class-attention' }, rest: 'fuse' }),
      prefix,
    ],
  ],
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Exports for any batch size, and runs the file on `count` images. */
async function exported(plan: readonly BlockPlan[], form: Form, weights: WeightType) {
  const recorder = createOnnxRecorder({ form });
  const model = { config, params: mapParams(params, (host) => recorder.constant(host)) };
  const { path } = await exportOnnx(
    recorder,
    ({ images }) => ({ logits: forward(model, images, { plan }).logits }),
    { images: { ...images, shape: [1, ...images.shape.slice(1)] } },
    join(folder, `${form}-${weights}.onnx`),
    { batch: 'dynamic', weights },
  );
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  const run = async (count: number): Promise<Float32Array> => {
    const data = images.data.slice(0, count * 3 * 16 * 16);
    const { logits } = await session.run({ images: new ort.Tensor('float32', data, [count, 3, 16, 16]) });
    return logits!.data as Float32Array;
  };
  const logits = [await run(1), await run(4)];
  await session.release();
  return { bytes: (await stat(path)).size, logits };
}

/** Root mean square of the differences, relative to the expected logits. */
function relativeError(got: Float32Array, wanted: Float32Array): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(squares(wanted.map((value, i) => value - got[i]!)) / squares(wanted));
}

describe.each(plans)('a plan %s', (_, plan) => {
  it.each<Form>(['portable', 'runtime'])(
    'is exported with weights of fewer bits, form %s',
    { timeout: 60_000 },
    async (form) => {
      const float32 = await exported(plan, form, 'float32');
      const float16 = await exported(plan, form, 'float16');
      const int8 = await exported(plan, form, 'int8');
      expect(float16.bytes / float32.bytes).toBeLessThan(0.53);
      expect(int8.bytes / float32.bytes).toBeLessThan(0.3);
      for (const [i, wanted] of float32.logits.entries()) {
        const [halves, numbers] = [float16, int8].map(({ logits }) => relativeError(logits[i]!, wanted));
        expect(halves).toBeLessThan(1e-3);
        expect(numbers).toBeLessThan(0.05);
        expect(numbers).toBeGreaterThan(halves!);
      }
    },
  );
});
