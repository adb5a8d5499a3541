/** Tokens ranked per image, against plain loops and against plans with fixed positions. */

import { scoreTokens, type Predictor } from '@patchslim/importance-estimators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, float32, scope } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { plainForward } from '@patchslim/testing';
import { expectNear } from '../test/expect-near.js';
import {
  distilledConfig,
  placeParams,
  randomImages,
  randomParams,
  tinyConfig,
} from '../test/random-model.js';
import {
  densePlan,
  embed,
  forward,
  prefixTokens,
  runBlocks,
  tokenCount,
  traceCounts,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';
import { createReducer } from './index.js';

const batch = 4;
const images = randomImages(tinyConfig, batch, 2);
const pixels = images.data.length / batch;
const backend = createReferenceBackend();

/** A predictor in which content matters as much as position. */
function randomPredictor(config: VitConfig, groups: number, seed: number, range = 1): Predictor {
  const random = createRandom(seed);
  const draw = (length: number, size: number) => Array.from({ length }, () => size * (2 * random() - 1));
  return { positions: draw(tokenCount(config), range), weights: draw(groups, 3) };
}

/** A block that keeps `count` rows by a predictor. */
const keepPredicted = (count: number, { positions, weights }: Predictor): BlockPlan => {
  const score = { name: 'predictor' as const, positions: [...positions], weights: [...weights] };
  return { kind: 'reduce', count, reducer: createReducer('top-k', { score }) };
};

/** Counts that never grow, with a new predictor for each. */
const rankPlan = (config: VitConfig, counts: readonly number[], groups = 4, range = 1): BlockPlan[] =>
  counts.map((count, block) => keepPredicted(count, randomPredictor(config, groups, block + 10, range)));

function run(config: VitConfig, plan: readonly BlockPlan[], host = images) {
  const network = placeParams(backend, config, randomParams(config, 1));
  return forward(network, backend.constant(host), { plan, capture: ['positions'] });
}

/** Positions that each block computes, ascending: `[image][block]`. */
async function keptBy(config: VitConfig, plan: readonly BlockPlan[]): Promise<number[][][]> {
  const { captures } = run(config, plan);
  const blocks = await Promise.all(captures.map(({ positions }) => positions!.toHost()));
  return Array.from({ length: batch }, (_, image) =>
    blocks.map(({ shape: [, count], data }) =>
      Array.from(data.slice(image * count!, (image + 1) * count!)).sort((a, b) => a - b),
    ),
  );
}

const plainOf = (config: VitConfig, plan: readonly BlockPlan[], image: number) =>
  plainForward(
    config,
    randomParams(config, 1),
    images.data.subarray(image * pixels, (image + 1) * pixels),
    plan,
  );

describe('a plan that ranks tokens', () => {
  it.each([
    ['plain', tinyConfig],
    ['distilled', distilledConfig],
  ])('equals plain loops image by image (%s)', async (_, config) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: prefixTokens(config), max: tokenCount(config) }), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.constantFrom(1, 2, 4, 8),
        async (counts, groups) => {
          const plan = rankPlan(
            config,
            counts.sort((a, b) => b - a),
            groups,
          );
          const logits = await run(config, plan).logits.data();
          const kept = await keptBy(config, plan);
          for (const image of [0, 3]) {
            const plain = plainOf(config, plan, image);
            expectNear(logits.slice(image * 5, (image + 1) * 5), plain.logits, 1e-5);
            const wanted = plain.positions.map((positions) => positions.toSorted((a, b) => a - b));
            expect(kept[image]).toEqual(wanted);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it('keeps different tokens in different images, with the prefix tokens first', async () => {
    const plan = rankPlan(distilledConfig, [6, 4, 3]);
    const kept = await keptBy(distilledConfig, plan);
    expect(new Set(kept.map((blocks) => blocks[0]!.join())).size).toBeGreaterThan(1);
    for (const { positions } of run(distilledConfig, plan).captures) {
      const { shape, data } = await positions!.toHost();
      for (let image = 0; image < batch; image++) {
        expect(Array.from(data.slice(image * shape[1]!, image * shape[1]! + 2))).toEqual([0, 1]);
      }
    }
  });

  it('gives the logits of fixed positions when position scores dominate', async () => {
    const plan = rankPlan(tinyConfig, [6, 4, 2], 4, 1e6);
    const fixed = plan.map((_, block): BlockPlan => {
      return {
        kind: 'keep',
        keep: plainOf(tinyConfig, plan, 0).positions[block]!.toSorted((a, b) => a - b),
        keys: 'compact',
      };
    });
    expect(await keptBy(tinyConfig, plan)).toEqual(
      Array.from({ length: batch }, () => fixed.map((entry) => (entry.kind === 'keep' ? entry.keep : []))),
    );
    expectNear(await run(tinyConfig, plan).logits.data(), await run(tinyConfig, fixed).logits.data(), 1e-5);
  });

  it('works before and after dense blocks, fixed positions in any order, and bypassed tokens', async () => {
    const [first, , last] = rankPlan(distilledConfig, [8, 8, 5]);
    const prefix: BlockPlan = { kind: 'keep', keep: [1, 0], keys: 'compact' };
    const shuffled: BlockPlan = { kind: 'keep', keep: [7, 1, 4, 0, 9, 2], keys: 'compact' };
    const passing: BlockPlan = { kind: 'keep', keep: [5, 1, 0], keys: 'all' };
    for (const plan of [
      [{ kind: 'dense' }, first!, { kind: 'dense' }],
      [shuffled, last!, prefix],
      [passing, first!, last!],
      [first!, prefix, { kind: 'dense' }],
    ] satisfies BlockPlan[][]) {
      const logits = await run(distilledConfig, plan).logits.data();
      for (const image of [0, 1]) {
        expectNear(
          logits.slice(image * 5, (image + 1) * 5),
          plainOf(distilledConfig, plan, image).logits,
          1e-5,
        );
      }
    }
  });

  it('gives the same for a batch of four as for four single images', async () => {
    const plan = rankPlan(tinyConfig, [7, 5, 3]);
    const together = await run(tinyConfig, plan).logits.data();
    for (let image = 0; image < batch; image++) {
      const alone = float32(
        [1, ...images.shape.slice(1)],
        images.data.slice(image * pixels, (image + 1) * pixels),
      );
      expect(await run(tinyConfig, plan, alone).logits.data()).toEqual(
        together.slice(image * 5, (image + 1) * 5),
      );
    }
  });

  it('gives the dense rows of the kept tokens when only one block ranks', async () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const input = backend.constant(images);
    for (const block of [0, 1, 2]) {
      const plan = densePlan(tinyConfig);
      plan[block] = rankPlan(tinyConfig, [5])[0]!;
      const range = { from: block, to: block + 1 };
      const before = runBlocks(network, embed(network, input), { to: block }).state;
      const dense = await runBlocks(network, before, range).state.tokens.toHost();
      const { state, captures } = runBlocks(network, before, { ...range, plan, capture: ['positions'] });
      const slimmed = await state.tokens.data();
      const positions = await captures[0]!.positions!.data();
      const width = tinyConfig.width;
      for (const [row, position] of positions.entries()) {
        const from = (Math.floor(row / 5) * 10 + position) * width;
        expect(slimmed.slice(row * width, (row + 1) * width)).toEqual(dense.data.slice(from, from + width));
      }
    }
  });

  it('leaks no tensor, and has no positions before the run', () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const input = backend.constant(images);
    const plan: BlockPlan[] = [{ kind: 'dense' }, ...rankPlan(tinyConfig, [5, 1])];
    const live = backend.memory.liveTensors;
    forward(network, input, { plan }).logits.dispose();
    expect(backend.memory.liveTensors).toBe(live);
    const { captures } = forward(network, input, { plan, capture: ['input'] });
    expect(captures.map(({ tokens }) => tokens?.kept.length)).toEqual([10, undefined, undefined]);
    expect(captures.every(({ positions }) => positions === undefined)).toBe(true);
  });

  it('continues only from a state with the positions of each image', () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const start = embed(network, backend.constant(images));
    const plan = rankPlan(tinyConfig, [6, 4, 2]);
    const { state } = runBlocks(network, start, { plan, to: 2 });
    expect(runBlocks(network, state, { plan, from: 2 }).state.tokens.shape).toEqual([batch, 2, 8]);
    const fixed = { ...state, positions: [0, 1, 2, 3] };
    const refused = expect.objectContaining({ code: 'PLAN_INVALID' }) as Error;
    expect(() => runBlocks(network, fixed, { plan, from: 2 })).toThrow(refused);
    expect(() => runBlocks(network, state, { plan, from: 1 })).toThrow(
      /leaves 6 tokens before block 1; the state has 4/,
    );
    expect(() => runBlocks(network, state, { from: 2 })).toThrow(
      /leaves 10 tokens before block 2; the state has 4/,
    );
  });
});

describe('scoreTokens', () => {
  it('takes the lower position of equal scores', async () => {
    const flat = keepPredicted(4, { positions: Array<number>(10).fill(1), weights: [0] });
    const plan: BlockPlan[] = [flat, { kind: 'dense' }, { kind: 'dense' }];
    expect((await keptBy(tinyConfig, plan))[2]![0]).toEqual([0, 1, 2, 3]);
  });

  it('adds the position score to the weighted mean of each group of channels', async () => {
    const tokens = backend.constant(float32([1, 2, 8], [1, 3, 0, 2, 4, 4, -1, 1, 8, 0, 0, 0, 0, 0, 2, 2]));
    const predictor: Predictor = {
      positions: [9, 0, 0, 0.5, 0, 0, 0, 100, 0, 0],
      weights: [1, 10, 100, 1000],
    };
    const scores = await scope(backend, () => scoreTokens(predictor, tokens, [7, 3])).data();
    expectNear(scores, [100 + 2 + 10 + 400, 0.5 + 4 + 2000], 1e-3);
  });
});

describe('a predictor that does not fit', () => {
  const fitting: Predictor = { positions: Array<number>(10).fill(0), weights: [1, 2] };
  it.each<[string, Partial<Predictor>, RegExp]>([
    ['other positions', { positions: [1, 2] }, /for 2 positions; test has 10/],
    ['no weights', { weights: [] }, /for 0 groups of channels/],
    ['groups that do not divide', { weights: [1, 2, 3] }, /3 groups.*the 8 channels/],
    ['NaN', { weights: [NaN] }, /with the number NaN/],
    ['a number beyond all', { weights: [1e31] }, /with the number 1e\+31/],
  ])('is refused: %s', (_, change, message) => {
    const plan = densePlan(tinyConfig);
    plan[0] = keepPredicted(4, { ...fitting, ...change });
    expect(() => traceCounts(tinyConfig, plan)).toThrow(message);
    expect(() => traceCounts(tinyConfig, plan)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it.each([
    [0, /block 0 leaves 0 tokens; expected 1 to 10/],
    [11, /block 0 leaves 11 tokens; expected 1 to 10/],
  ])('cannot keep %i tokens of ten', (count, message) => {
    const plan = densePlan(tinyConfig);
    plan[0] = keepPredicted(count, fitting);
    expect(() => traceCounts(tinyConfig, plan)).toThrow(message);
  });
});
