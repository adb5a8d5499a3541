/** The rows for least squares: computed by the slimmed network from rows of the dense network. */

import { concat, mul, runOnHost, slice, type HostTensor, range } from '@patchslim/tensor';
import {
  embed,
  mapParams,
  rowPicker,
  runBlocks,
  tokenCount,
  traceTokens,
  type BlockPlan,
  type Keys,
  type VitModel,
} from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { singleImages } from '../../test/image-by-image.js';
import { config, smallModel, smallTensors } from '../../test/small-model.js';
import { projectionRows } from './least-squares-rows.js';

const everywhere = range(tokenCount(config));

/** Without MLPs, the output of a block equals its middle. */
async function modelWithoutMlps(): Promise<VitModel> {
  const model = await smallModel();
  const blocks = model.params.blocks.map((block) => ({
    ...block,
    mlp2: { weight: mul(block.mlp2.weight, 0), bias: mul(block.mlp2.bias, 0) },
  }));
  return { ...model, params: { ...model.params, blocks } };
}

function expectNear(actual: HostTensor, expected: HostTensor): void {
  expect(actual.shape).toEqual(expected.shape);
  for (const [i, value] of expected.data.entries()) expect(actual.data[i]).toBeCloseTo(value, 4);
}

it.each<Keys>(['compact', 'all'])('with %s keys', async (keys) => {
  const kept = [0, 7, 3, 12, 5];
  const keep = [7, 0, 3];
  const plan: BlockPlan[] = [kept, keep, [0], [0]].map((tokens) => ({ kind: 'keep', keep: tokens, keys }));
  const dense = await modelWithoutMlps();
  // A slimmed network with other parameters, so that a mix-up would show.
  const slimmed = { config, params: mapParams(dense.params, (tensor) => mul(tensor, 0.9)) };
  const [images] = await singleImages(smallTensors(1));
  const program = await dense.backend.compile(
    (inputs) => {
      const [rows] = projectionRows(dense, slimmed, plan, inputs.images, [1]);
      const behind = (blocks: number) =>
        runBlocks(dense, embed(dense, inputs.images), { to: blocks }).state.tokens;
      const pick = rowPicker.bind(undefined, dense.backend, everywhere);
      // Before block 1, rows computed by block 0 are dense, and bypassed rows are as before block 0.
      const positions = traceTokens(config, plan)[1]!.input;
      const computed = pick(kept)(behind(1));
      const tokens =
        keys === 'compact' ? computed : concat([computed, pick(positions.slice(kept.length))(behind(0))], 1);
      const run = runBlocks(slimmed, { tokens, positions }, { plan, from: 1, to: 2 }).state.tokens;
      return {
        ...rows!,
        middle: slice(run, [0, 0, 0], [1, keep.length, config.width]),
        dense: pick(keep)(behind(2)),
      };
    },
    { images: images! },
  );
  const { input, reached, wanted, ...result } = await runOnHost(dense.backend, program, { images: images! });
  expectNear(reached, result.middle);
  expectNear(wanted, result.dense);
  expect(input.shape).toEqual([1, keep.length, config.width]);
});

it('are right after the first slimmed block, and wrong deeper', async () => {
  const plan: BlockPlan[] = [{ kind: 'dense' }];
  for (const tokens of [[0, 7, 3, 12], [0, 3], [0]])
    plan.push({ kind: 'keep', keep: tokens, keys: 'compact' });
  const model = await smallModel();
  const [images] = await singleImages(smallTensors(1));
  const rows = projectionRows(model, model, plan, model.backend.constant(images!), [0, 1, 2, 3]);
  for (const [block, { reached, wanted }] of rows.entries()) {
    const [own, dense] = [await reached.data(), await wanted.data()];
    const error = Math.max(...Array.from(own, (value, i) => Math.abs(value - dense[i]!)));
    if (block < 2) expect(error).toBeLessThan(1e-5);
    else expect(error).toBeGreaterThan(0.01);
  }
});
