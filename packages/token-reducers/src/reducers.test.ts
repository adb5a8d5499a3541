/** Every reducer inside the network, against plain loops over the tokens of each image. */

import { runTimeScores } from '@patchslim/importance-estimators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, type Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { pairCases, type EntryOf } from '../test/cases.js';
import { keepTop, reduce } from '../test/entries.js';
import { expectPlain } from '../test/expect-plain.js';
import {
  distilledConfig,
  placeParams,
  randomImages,
  randomParams,
  tinyConfig,
} from '../test/random-model.js';
import {
  embed,
  forward,
  prefixPositions,
  prefixTokens,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';

const batch = 4;
const images = randomImages(tinyConfig, batch, 2);
const pixels = images.data.length / batch;
const backend = createReferenceBackend();

/** One block per count: the reducer that leaves so many of the previous tokens. */
const planOf = (config: VitConfig, entryOf: EntryOf, counts: readonly number[]): BlockPlan[] =>
  counts.map((count, i) => entryOf(count, counts[i - 1] ?? tokenCount(config)));

/** Parameters and images for which all patches are equal: no positions, the same pixels everywhere. */
const params = randomParams(tinyConfig, 1);
const { shape, data: positions } = params.positions!;
const alike = { ...params, positions: float32(shape, new Float32Array(positions.length)) };
const grey = float32(images.shape, new Float32Array(images.data.length).fill(0.5));

/** Numbers of tokens; each block leaves at least half of the previous patches. */
const countsOf = (config: VitConfig): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }).map((shares) => {
    const prefix = prefixTokens(config);
    let patches = tokenCount(config) - prefix;
    return shares.map((share) => prefix + (patches = Math.ceil(patches * share)));
  });

describe.each(pairCases)('a plan with %s', (_, entryOf) => {
  const plan = (counts: readonly number[], config = tinyConfig) => planOf(config, entryOf, counts);

  it.each([
    ['plain', tinyConfig],
    ['distilled', distilledConfig],
  ])('equals plain loops image by image (%s)', async (_name, config) => {
    await fc.assert(
      fc.asyncProperty(countsOf(config), (counts) => expectPlain(config, plan(counts, config))),
      { numRuns: 6 },
    );
  });

  it('works where there is nothing to merge, before blocks that merge', async () => {
    await expectPlain(tinyConfig, plan([tokenCount(tinyConfig), 7, 7]));
  });

  it('works before dense blocks and before one that keeps the prefix tokens', async () => {
    const prefix: BlockPlan = { kind: 'keep', keep: prefixPositions(distilledConfig), keys: 'compact' };
    const [first, second] = plan([11, 8], distilledConfig);
    await expectPlain(distilledConfig, [second!, { kind: 'dense' }, prefix]);
    await expectPlain(distilledConfig, [{ kind: 'dense' }, second!, prefix]);
    await expectPlain(distilledConfig, [first!, second!, prefix]);
  });

  it('gives the same for a batch of eight as for eight single images', async () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const options = { plan: plan([7, 6, 4]) };
    const eight = randomImages(tinyConfig, 8, 5);
    const together = await forward(network, backend.constant(eight), options).logits.data();
    for (let image = 0; image < 8; image++) {
      const data = eight.data.slice(image * pixels, (image + 1) * pixels);
      const alone = backend.constant(float32([1, ...eight.shape.slice(1)], data));
      const logits = await forward(network, alone, options).logits.data();
      expect(logits).toEqual(together.slice(image * 5, (image + 1) * 5));
    }
  });

  it('picks the first tokens when all are equal', async () => {
    // Behind a merge the tokens differ by rounding, and nothing ties.
    await expectPlain(tinyConfig, plan([7, 7, 7]), { params: alike, images: grey });
  });

  it('changes nothing where it merges nothing, and leaks no tensor', async () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const input = backend.constant(images);
    const dense = await forward(network, input).logits.data();
    const live = backend.memory.liveTensors;
    const all = tokenCount(tinyConfig);
    const { logits } = forward(network, input, { plan: plan([all, all, all]) });
    expect(await logits.data()).toEqual(dense);
    logits.dispose();
    forward(network, input, { plan: plan([7, 5, 3]) }).logits.dispose();
    expect(backend.memory.liveTensors).toBe(live);
  });
});

it('merges the first of equal pairs', async () => {
  const network = placeParams(backend, tinyConfig, alike);
  const start = embed(network, backend.constant(float32([1, 3, 12, 12], grey.data.slice(0, 432))));
  const { state } = runBlocks(network, start, {
    plan: [reduce(7, 'tome'), { kind: 'dense' }, { kind: 'dense' }],
    to: 1,
  });
  expect(state.tokens.shape).toEqual([1, 7, 8]);
  expect(Array.from(await (state.positions as Tensor).data())).toEqual([0, 8, 1, 3, 5, 7, 9]);
  expect(Array.from(await state.sizes!.data())).toEqual([1, 1, 4, 1, 1, 1, 1]);
});

const attentionScores = runTimeScores.map(({ name }) => name).filter((name) => name !== 'predictor');

describe.each(attentionScores.flatMap((name) => [[name, undefined] as const, [name, 'fuse'] as const]))(
  'a plan with top-k by %s (rest: %s)',
  (name, rest) => {
    const ranked = (count: number) => keepTop(count, rest, name);

    it.each([
      ['plain', tinyConfig],
      ['distilled', distilledConfig],
    ])('equals plain loops image by image (%s)', async (_name, config) => {
      const [least, most] = [prefixTokens(config) + 1, tokenCount(config)];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: least, max: most }), { minLength: 3, maxLength: 3 }),
          (counts) =>
            expectPlain(
              config,
              counts.sort((a, b) => b - a).map((count) => ranked(count)),
            ),
        ),
        { numRuns: 3 },
      );
    });

    it('picks the first tokens when all are equal', async () => {
      await expectPlain(tinyConfig, [ranked(7), ranked(6), ranked(4)], { params: alike, images: grey });
    });

    it('works between merging blocks', async () => {
      await expectPlain(tinyConfig, [reduce(8, 'ward'), ranked(6), reduce(4, 'tome')]);
      await expectPlain(distilledConfig, [ranked(9), reduce(7, 'ward'), ranked(4)]);
    });
  },
);

it('remembers class attention over dense blocks', async () => {
  const remembering = (count: number) => keepTop(count, undefined, 'global-class-attention');
  await expectPlain(tinyConfig, [remembering(8), { kind: 'dense' }, remembering(4)]);
});

it('refuses counts that cannot be merged to or fused to', () => {
  const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
  const start = embed(network, backend.constant(images));
  const run = (entry: BlockPlan) =>
    runBlocks(network, start, { plan: [entry, { kind: 'dense' }, { kind: 'dense' }] });
  expect(() => run(reduce(5, 'tome'))).toThrow(/block 0 leaves 5 tokens; expected 6 to 10/);
  expect(() => run(keepTop(1, 'fuse'))).toThrow(/block 0 leaves 1 tokens; expected 2 to 10/);
});
