/** Rows of a slimmed network given back to all patches. */

import { disposeAll, float32 } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { placeParams, randomImages, randomParams, tinyConfig } from '../test/random-model.js';
import { embed, runBlocks, spreadRows, type BlockPlan } from './index.js';

const backend = createReferenceBackend();

it('gives every patch the row that it is in, and zeros to those that have left', async () => {
  const rows = backend.constant(float32([1, 2, 2], [1, 2, 3, 4]));
  // Token 0 alone, tokens 1 and 3 in one row, token 2 nowhere.
  const sources = backend.constant(float32([1, 2, 4], [1, 0, 0, 0, 0, 0.25, 0, 0.75]));
  const spread = await spreadRows(rows, sources).toHost();
  expect(spread.shape).toEqual([1, 4, 2]);
  expect(Array.from(spread.data)).toEqual([1, 2, 3, 4, 0, 0, 3, 4]);
});

it('fills the whole grid behind blocks that merge, and that of the kept patches behind one that ranks', async () => {
  const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
  const start = embed(network, backend.constant(randomImages(tinyConfig, 2, 2)));
  const live = backend.memory.liveTensors;
  for (const [entry, filled] of [
    [{ kind: 'merge', count: 7, merger: { name: 'ward' } }, 10],
    [{ kind: 'rank', count: 6, ranker: { name: 'class-attention' } }, 6],
  ] as const satisfies readonly (readonly [BlockPlan, number])[]) {
    const plan: BlockPlan[] = [entry, { kind: 'dense' }, { kind: 'dense' }];
    const { state, captures } = runBlocks(network, start, { plan, capture: ['sources'] });
    const spread = spreadRows(state.tokens, captures.at(-1)!.sources!);
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
