/** Least squares on a small random model, with few images. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { float32, slice, type Backend, type HostTensor, type ProgressEvent } from '@patchslim/tensor';
import {
  densePlan,
  disposeModel,
  embed,
  losslessPlan,
  mapParams,
  runBlocks,
  type BlockPlan,
  type Keys,
  type VitModel,
  type VitParams,
} from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageByImage } from '../../test/image-by-image.js';
import { config, smallModel, smallTensors } from '../../test/small-model.js';
import { ownTemporaryFolder, spilledTo } from '../../test/temporary-folder.js';
import { hostParams } from '../learn/host-params.js';
import { leastSquares } from './least-squares.js';
import type { RecoveryContext } from './recovery.js';

type Params = VitParams<HostTensor<'float32'>>;

const images = smallTensors(24);
const heldBack = smallTensors(10, 3);
const unseen = smallTensors(10, 4);
const context: RecoveryContext = { images, heldBack, batchSize: 4, seed: 0 };

/** Slims from block 1 on; the last block computes the class token alone. */
function planOf(keys: Keys): BlockPlan[] {
  const keep = [[0, 1, 4, 6, 7, 9, 12, 14, 16], [0, 4, 7, 9, 16], [0]];
  return [{ kind: 'dense' }, ...keep.map((kept): BlockPlan => ({ kind: 'keep', keep: kept, keys }))];
}
const plan = planOf('compact');

const placed = (model: VitModel, params: Params): VitModel => ({
  ...model,
  params: mapParams(params, (host) => model.backend.constant(host)),
});

/** Mean over unseen images of `‖ẑ − z‖² / ‖z‖²`, for the class token behind the last block. */
async function classError(dense: VitModel, slimmed: VitModel, blocks: readonly BlockPlan[]): Promise<number> {
  const classTokens = (model: VitModel, chosen: readonly BlockPlan[]) =>
    imageByImage(model, unseen, (pixels) =>
      slice(
        runBlocks(model, embed(model, pixels), { plan: chosen }).state.tokens,
        [0, 0, 0],
        [1, 1, config.width],
      ),
    );
  const wanted = await classTokens(dense, densePlan(config));
  const reached = await classTokens(slimmed, blocks);
  const squares = (row: readonly number[]) => row.reduce((sum, value) => sum + value * value, 0);
  const errors = wanted.map((row, i) => squares(row.map((v, j) => reached[i]![j]! - v)) / squares(row));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function largestDifference(a: Params, b: Params): number {
  const [left, right] = [a, b].map(leavesOf);
  return left!.reduce((largest, value, i) => Math.max(largest, Math.abs(value - right![i]!)), 0);
}

/** All values, concatenated. */
function leavesOf(params: Params): number[] {
  const values: number[] = [];
  mapParams(params, ({ data }) => values.push(...data));
  return values;
}

let native: Backend;
let model: VitModel;
beforeAll(async () => {
  native = await createOnnxBackend({ threads: 1 });
  model = await smallModel(native);
});

describe.each(['native', 'reference'] as const)('least squares, %s', (backend) => {
  it.each<Keys>(['compact', 'all'])(
    'brings class tokens of unseen images nearer to the dense ones, keys %s',
    async (keys) => {
      const reference = await smallModel();
      const network = backend === 'native' ? model : reference;
      const blocks = planOf(keys);
      const live = network.backend.memory.liveTensors;
      const params = await leastSquares().recover(network, network, blocks, context);
      expect(network.backend.memory.liveTensors).toBe(live);
      const before = await classError(reference, reference, blocks);
      expect(await classError(reference, placed(reference, params), blocks)).toBeLessThan(0.9 * before);
    },
  );
});

describe('least squares', () => {
  it('changes only projections after the first slimmed block, and not the model', async () => {
    const before = await hostParams(model.params);
    const params = await leastSquares().recover(model, model, plan, context);
    expect(await hostParams(model.params)).toEqual(before);
    const blocks = params.blocks.map((block, index) => {
      const { projection } = before.blocks[index]!;
      if (index >= 2) expect(block.projection).not.toEqual(projection);
      return index >= 2 ? { ...block, projection } : block;
    });
    expect({ ...params, blocks }).toEqual(before);
  });

  it('returns identical parameters for a plan that keeps every attention complete', async () => {
    const keepAll = densePlan(config);
    keepAll[1] = { kind: 'keep', keep: Array.from({ length: 17 }, (_, i) => 16 - i), keys: 'compact' };
    for (const nothing of [densePlan(config), keepAll, losslessPlan(config)]) {
      const params = await leastSquares().recover(model, model, nothing, context);
      expect(params).toEqual(await hostParams(model.params));
    }
  });

  it('does not depend on the batch size, and does not count padding', async () => {
    const few = { images: smallTensors(23), heldBack: smallTensors(7, 3), seed: 0 };
    const recoveredBy = (batchSize: number) =>
      leastSquares().recover(model, model, plan, { ...few, batchSize });
    const single = await recoveredBy(1);
    for (const batchSize of [4, 50])
      expect(largestDifference(await recoveredBy(batchSize), single)).toBeLessThan(1e-4);
  });

  it('is deterministic', async () => {
    const first = await leastSquares().recover(model, model, plan, context);
    expect(await leastSquares().recover(model, model, plan, context)).toEqual(first);
  });

  it('starts from the given parameters, with the dense model as target', async () => {
    const reference = await smallModel();
    const params = await hostParams(model.params);
    const blocks = params.blocks.map((block) => {
      const { weight, bias } = block.projection;
      const halved = float32(
        weight.shape,
        weight.data.map((value) => value / 2),
      );
      return { ...block, projection: { weight: halved, bias } };
    });
    const start = placed(model, { ...params, blocks });
    const recovered = await leastSquares().recover(model, start, plan, context);
    disposeModel(start);
    expect(recovered.blocks.slice(0, 2)).toEqual(blocks.slice(0, 2));
    const errorOf = (one: Params) => classError(reference, placed(reference, one), plan);
    expect(await errorOf(recovered)).toBeLessThan(0.9 * (await errorOf({ ...params, blocks })));
  });

  it('reports progress, stops at the signal, and leaks nothing', async () => {
    const folder = ownTemporaryFolder();
    const live = model.backend.memory.liveTensors;
    const seen: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => seen.push(event);
    await leastSquares().recover(model, model, plan, { ...context, onProgress });
    expect(seen.map(({ done }) => done)).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 34]);
    expect(seen.at(-1)).toEqual({ stage: 'recover', done: 34, total: 34, unit: 'images' });

    const controller = new AbortController();
    const aborted = leastSquares().recover(model, model, plan, {
      ...context,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    const noImages = { ...context, heldBack: smallTensors(0) };
    await expect(leastSquares().recover(model, model, plan, noImages)).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
    expect(model.backend.memory.liveTensors).toBe(live);
    expect(await spilledTo(folder)).toEqual([]);
  });

  it('refuses features that are not finite', async () => {
    const params = await hostParams(model.params);
    const beta = float32([config.width], new Float32Array(config.width).fill(NaN));
    const blocks = params.blocks.map((block) => ({ ...block, norm1: { ...block.norm1, beta } }));
    const start = placed(model, { ...params, blocks });
    await expect(leastSquares().recover(model, start, plan, context)).rejects.toMatchObject({
      code: 'NUMERICAL',
    });
    disposeModel(start);
  });
});
