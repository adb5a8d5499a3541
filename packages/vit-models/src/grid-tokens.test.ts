/** Tokens on the full grid, against a plain walk over the rows of the network. */

import { disposeAll } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { placeParams, randomImages, randomParams, tinyConfig } from '../test/random-model.js';
import type { BlockPlan } from './block-plan.js';
import { classify, embed, forward, runBlocks } from './forward.js';
import { runOnGrid } from './grid-tokens.js';

const backend = createReferenceBackend();
const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 4));
const images = backend.constant(randomImages(tinyConfig, 2, 7));
const { width } = tinyConfig;

it('of the dense network are its tokens, and the state gives its logits', async () => {
  const { grids, state } = runOnGrid(network, images, { blocks: [2, 0] });
  const dense = (to: number) => runBlocks(network, embed(network, images), { to }).state.tokens;
  expect(await grids[0]!.data()).toEqual(await dense(3).data());
  expect(await grids[1]!.data()).toEqual(await dense(1).data());
  expect(await classify(network, state).data()).toEqual(await forward(network, images).logits.data());
});

it('a dropped token keeps its last value, and one that passes through is up to date', async () => {
  const plan: BlockPlan[] = [
    { kind: 'keep', keep: [0, 3, 5, 7], keys: 'compact' },
    { kind: 'keep', keep: [0, 5], keys: 'all' },
    { kind: 'keep', keep: [0, 7], keys: 'compact' },
  ];
  const { grids } = runOnGrid(network, images, { plan, blocks: [0, 1, 2] });
  const after = [0, 1, 2, 3].map((to) => runBlocks(network, embed(network, images), { plan, to }).state);
  // Where the last value of a token is, by block: positions from which it has left are behind the last state that has them.
  for (const [block, grid] of grids.entries()) {
    const values = await grid.data();
    for (let token = 0; token < 10; token++) {
      const last = after
        .slice(0, block + 2)
        .findLast(({ positions }) => (positions as number[]).includes(token))!;
      const row = (last.positions as number[]).indexOf(token);
      const n = last.tokens.shape[1]!;
      const wanted = await last.tokens.data();
      for (const image of [0, 1]) {
        const at = (image * 10 + token) * width;
        const from = (image * n + row) * width;
        for (let c = 0; c < width; c++) expect(values[at + c]).toBeCloseTo(wanted[from + c]!, 5);
      }
    }
  }
});

it('applies the last norm on request', async () => {
  const { grids } = runOnGrid(network, images, { norm: true });
  const { gamma, beta } = network.params.norm!;
  const [values, scale, shift] = [await grids[0]!.data(), await gamma.data(), await beta.data()];
  const raw = await runOnGrid(network, images).grids[0]!.data();
  const row = [...raw.subarray(0, width)];
  const mean = row.reduce((a, b) => a + b, 0) / width;
  const deviation = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / width + tinyConfig.layerNormEps);
  for (let c = 0; c < width; c++) {
    expect(values[c]).toBeCloseTo(((row[c]! - mean) / deviation) * scale[c]! + shift[c]!, 4);
  }
});

it('refuses blocks that the model does not have, and leaves no tensor behind', () => {
  for (const blocks of [[], [3], [-1], [0.5]]) {
    expect(() => runOnGrid(network, images, { blocks })).toThrow(/expected blocks from 0 to 2/);
  }
  const live = backend.memory.liveTensors;
  disposeAll(runOnGrid(network, images, { blocks: [0, 2] }));
  expect(backend.memory.liveTensors).toBe(live);
});
