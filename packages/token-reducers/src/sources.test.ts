/** The sources of each row, as captured from the network. */

import { disposeAll, float32, matMul, type Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { keepTop, reduce } from '../test/entries.js';
import { expectNear } from '../test/expect-near.js';
import { placeParams, randomImages, randomParams, tinyConfig } from '../test/random-model.js';
import { densePlan, embed, runBlocks, unmergeRows, type BlockPlan } from '@patchslim/vit-models';

const backend = createReferenceBackend();

/** Blocks that choose by their attention and change no row: each output row consists of input rows only. */
function idleParams() {
  const params = randomParams(tinyConfig, 5);
  const zero = <T extends { readonly weight: { readonly shape: readonly number[] } }>(part: T) => ({
    weight: float32(part.weight.shape, new Float32Array(part.weight.shape.reduce((a, b) => a * b))),
    bias: float32([part.weight.shape[1]!], new Float32Array(part.weight.shape[1]!)),
  });
  return {
    ...params,
    blocks: params.blocks.map((block) => ({
      ...block,
      projection: zero(block.projection),
      mlp2: zero(block.mlp2),
    })),
  };
}

const keys = 'all';

it.each<readonly [name: string, plan: readonly BlockPlan[], isMean: boolean]>([
  ['merge', [reduce(7, 'ward'), reduce(5, 'tome'), { kind: 'keep', keep: [0], keys: 'compact' }], true],
  ['rank', [keepTop(7), { kind: 'dense' }, keepTop(4)], true],
  ['fuse', [keepTop(7, 'fuse'), keepTop(4, 'fuse'), { kind: 'dense' }], false],
  ['keep', [{ kind: 'keep', keep: [3, 0, 5], keys }, { kind: 'keep', keep: [0, 7], keys }, keepTop(6)], true],
  ['compute all', densePlan(tinyConfig), true],
])('blocks that %s report the sources of their rows', async (_, plan, isMean) => {
  const network = placeParams(backend, tinyConfig, idleParams());
  const images = backend.constant(randomImages(tinyConfig, 3, 6));
  const start = embed(network, images);
  for (let to = 1; to <= tinyConfig.depth; to++) {
    const { state, captures } = runBlocks(network, start, { plan, to, capture: ['sources'] });
    const made = matMul(state.sources!, start.tokens);
    expect(made.shape).toEqual(state.tokens.shape);
    expectNear(await state.tokens.data(), await made.data());
    const { sources } = captures.at(-1)!;
    expect(sources!.shape[1]).toBeLessThanOrEqual(state.tokens.shape[1]!);
    const sums = await rowSums(sources!);
    expect(sums.every((sum) => sum < 1 + 1e-5)).toBe(true);
    expect(sums.every((sum) => sum > 1 - 1e-5)).toBe(isMean);
    disposeAll([made, state.tokens]);
  }
});

async function rowSums(sources: Tensor): Promise<number[]> {
  const values = [...(await sources.data())];
  const columns = sources.shape[2]!;
  return Array.from({ length: values.length / columns }, (_, row) =>
    values.slice(row * columns, (row + 1) * columns).reduce((a, b) => a + b),
  );
}

it('captures them only on request', () => {
  const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 5));
  const start = embed(network, backend.constant(randomImages(tinyConfig, 1, 6)));
  const { state, captures } = runBlocks(network, start, {
    plan: [reduce(7, 'ward'), reduce(5, 'ward'), { kind: 'dense' }],
    capture: ['input'],
  });
  expect(state.sources).toBeUndefined();
  expect(captures.every((capture) => capture.sources === undefined)).toBe(true);
});

it('covers the whole grid after merging blocks, and the kept patches after top-k', async () => {
  const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
  const start = embed(network, backend.constant(randomImages(tinyConfig, 2, 2)));
  const live = backend.memory.liveTensors;
  for (const [entry, filled] of [
    [reduce(7, 'ward'), 10],
    [keepTop(6), 6],
  ] as const) {
    const plan: BlockPlan[] = [entry, { kind: 'dense' }, { kind: 'dense' }];
    const { state, captures } = runBlocks(network, start, { plan, capture: ['sources'] });
    const spread = unmergeRows(state.tokens, captures.at(-1)!.sources!);
    expect(spread.shape).toEqual([2, 10, tinyConfig.width]);
    const data = await spread.data();
    const isFilled = (row: number) =>
      data.subarray(row * tinyConfig.width, (row + 1) * tinyConfig.width).some((value) => value !== 0);
    for (const image of [0, 1]) {
      const count = Array.from({ length: 10 }, (_, i) => isFilled(image * 10 + i)).filter(Boolean).length;
      expect(count).toBe(filled);
    }
    spread.dispose();
    disposeAll([state, captures]);
  }
  expect(backend.memory.liveTensors).toBe(live);
});
