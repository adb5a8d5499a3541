/** Blocks with a reducer, against blocks that keep the same rows of every image. */

import { describe, expect, it } from 'vitest';
import { Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expectNear } from '../test/expect-near.js';
import { firstRows } from '../test/first-rows.js';
import { placeParams, randomImages, randomParams, tinyConfig } from '../test/random-model.js';
import { embed, forward, runBlocks, type BlockPlan, type BlockView, type Reducer } from './index.js';

const backend = createReferenceBackend();
const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
const images = backend.constant(randomImages(tinyConfig, 2, 2));
const counts = [7, 5, 5];
const logitsOf = (plan: readonly BlockPlan[]) => forward(network, images, { plan }).logits.data();

const reducing = (reducer: Reducer): BlockPlan[] =>
  counts.map((count) => ({ kind: 'reduce', count, reducer }));
const keeping = counts.map((count): BlockPlan => {
  return { kind: 'keep', keep: Array.from({ length: count }, (_, i) => i), keys: 'compact' };
});

describe.each(['before-queries', 'after-attention'] as const)('a reducer %s', (phase) => {
  it('gives the logits of the rows that it keeps, and leaves no tensor behind', async () => {
    const live = backend.memory.liveTensors;
    const { logits } = forward(network, images, { plan: reducing(firstRows({ phase })) });
    expectNear(await logits.data(), await logitsOf(keeping), 1e-6);
    logits.dispose();
    expect(backend.memory.liveTensors).toBe(live + 1); // the logits of the fixed plan
  });

  it('sees all rows that reach the block, and is not called where all rows stay', () => {
    const seen: { view: BlockView; count: number }[] = [];
    const base = firstRows({ phase });
    const reducer = firstRows({
      phase,
      reduce: (view, count) => {
        seen.push({ view, count });
        return base.reduce(view, count);
      },
    });
    runBlocks(network, embed(network, images), { plan: reducing(reducer) });
    expect(seen.map(({ view, count }) => [view.tokens.shape[1], count])).toEqual([
      [10, 7],
      [7, 5],
    ]);
    for (const { view } of seen) {
      const shape = view.tokens.shape;
      expect([view.rows.shape, view.keys.shape, view.values.shape]).toEqual([shape, shape, shape]);
      expect(view.rows === view.tokens).toBe(phase === 'before-queries');
      expect(view.attention).toBeUndefined();
    }
  });
});

it('shows the attention of every token to a reducer that needs it', () => {
  const base = firstRows();
  const shapes: unknown[] = [];
  const reducer = firstRows({
    phase: 'after-attention',
    needsAttention: true,
    reduce: (view, count) => {
      shapes.push(view.attention?.shape, view.classAttention().shape);
      return base.reduce(view, count);
    },
  });
  runBlocks(network, embed(network, images), { plan: reducing(reducer), to: 1 });
  expect(shapes).toEqual([
    [2, 2, 10, 10],
    [2, 2, 1, 10],
  ]);
});

it('leaves positions that only the run knows', async () => {
  const { state, captures } = runBlocks(network, embed(network, images), {
    plan: reducing(firstRows()),
    capture: ['positions'],
  });
  expect(state.positions).toBeInstanceOf(Tensor);
  expect(Array.from(await captures[1]!.positions!.data())).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  expect(captures.every(({ tokens }) => tokens === undefined)).toBe(true);
});
