/** Tokens merged, ranked and fused image by image, by the attention and the keys of the network, against plain loops. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { plainDynamicForward } from '../test/plain-dynamic.js';
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
  prefixPositions,
  prefixTokens,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type Merger,
  type VitConfig,
} from './index.js';

const batch = 4;
const images = randomImages(tinyConfig, batch, 2);
const pixels = images.data.length / batch;
const backend = createReferenceBackend();
const mergers: Merger['name'][] = ['tome', 'ward'];

const merge = (count: number, name: Merger['name']): BlockPlan => ({
  kind: 'merge',
  count,
  merger: { name },
});
const imageOf = (image: number) => images.data.slice(image * pixels, (image + 1) * pixels);

/** The same positions for every image of the batch. */
const repeated = (positions: readonly number[]): number[] => Array(batch).fill(positions).flat() as number[];

/** Logits, positions and sizes of the library and of plain loops, for each image. */
async function expectPlain(config: VitConfig, plan: readonly BlockPlan[], params = randomParams(config, 1)) {
  const network = placeParams(backend, config, params);
  const logits = await forward(network, backend.constant(images), { plan }).logits.data();
  const plain = Array.from({ length: batch }, (_, i) =>
    plainDynamicForward(config, params, imageOf(i), plan),
  );
  expectNear(
    logits,
    plain.flatMap((one) => one.logits),
  );
  const start = embed(network, backend.constant(images));
  for (let block = 0; block < config.depth; block++) {
    const { state } = runBlocks(network, start, { plan, to: block + 1 });
    const { tokens, positions, sizes } = state;
    const found = positions instanceof Tensor ? Array.from(await positions.data()) : repeated(positions);
    expect(found).toEqual(plain.flatMap((one) => one.positions[block]!));
    const ones = Array<number>(batch * tokens.shape[1]!).fill(1);
    expect(sizes ? Array.from(await sizes.data()) : ones).toEqual(plain.flatMap((one) => one.sizes[block]!));
    // What goes on from there gives the same: the state is what the plan says.
    const rest = runBlocks(network, state, { plan, from: block + 1 }).state;
    expect(rest.tokens.shape[1]).toBe(plain[0]!.positions.at(-1)!.length);
  }
}

/** Numbers of tokens, from block to block no less than half of the patches of the one before. */
const countsOf = (config: VitConfig): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }).map((shares) => {
    const prefix = prefixTokens(config);
    let patches = tokenCount(config) - prefix;
    return shares.map((share) => prefix + (patches = Math.ceil(patches * share)));
  });

describe.each(mergers)('a plan that merges tokens by %s', (name) => {
  it.each([
    ['plain', tinyConfig],
    ['distilled', distilledConfig],
  ])('equals plain loops image by image (%s)', async (_, config) => {
    await fc.assert(
      fc.asyncProperty(countsOf(config), async (counts) => {
        await expectPlain(
          config,
          counts.map((count) => merge(count, name)),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('may stand where there is nothing to merge, before blocks that do', async () => {
    const all = tokenCount(tinyConfig);
    await expectPlain(tinyConfig, [merge(all, name), merge(7, name), merge(7, name)]);
  });

  it('may be followed by dense blocks and by one that keeps the prefix tokens', async () => {
    const prefix: BlockPlan = { kind: 'keep', keep: prefixPositions(distilledConfig), keys: 'compact' };
    await expectPlain(distilledConfig, [merge(8, name), { kind: 'dense' }, prefix]);
    await expectPlain(distilledConfig, [{ kind: 'dense' }, merge(9, name), prefix]);
  });

  it('takes the first of equal pairs', async () => {
    // All patches alike: without positions, and with the same pixels everywhere.
    const params = randomParams(tinyConfig, 1);
    const alike = {
      ...params,
      positions: float32(
        params.positions.shape,
        params.positions.data.map(() => 0),
      ),
    };
    const network = placeParams(backend, tinyConfig, alike);
    const grey = float32([1, 3, 12, 12], new Float32Array(432).fill(0.5));
    const { state } = runBlocks(network, embed(network, backend.constant(grey)), {
      plan: [merge(7, name), { kind: 'dense' }, { kind: 'dense' }],
      to: 1,
    });
    expect(state.tokens.shape).toEqual([1, 7, 8]);
    expect(Array.from(await (state.positions as Tensor).data())).toEqual([0, 8, 1, 3, 5, 7, 9]);
    expect(Array.from(await state.sizes!.data())).toEqual([1, 1, 4, 1, 1, 1, 1]);
  });

  it('gives a batch of four what four batches of one get', async () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const plan = [merge(7, name), merge(6, name), merge(4, name)];
    const together = await forward(network, backend.constant(images), { plan }).logits.data();
    for (let image = 0; image < batch; image++) {
      const alone = backend.constant(float32([1, ...images.shape.slice(1)], imageOf(image)));
      const logits = await forward(network, alone, { plan }).logits.data();
      expect(logits).toEqual(together.slice(image * 5, (image + 1) * 5));
    }
  });

  it('changes nothing where it merges nothing, and leaves no tensor behind', async () => {
    const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
    const input = backend.constant(images);
    const dense = await forward(network, input).logits.data();
    const live = backend.memory.liveTensors;
    const all = tokenCount(tinyConfig);
    const { logits } = forward(network, input, { plan: densePlan(tinyConfig).map(() => merge(all, name)) });
    expect(await logits.data()).toEqual(dense);
    logits.dispose();
    forward(network, input, { plan: [merge(7, name), merge(5, name), merge(3, name)] }).logits.dispose();
    expect(backend.memory.liveTensors).toBe(live);
  });
});

const classAttention = { name: 'class-attention' } as const;

describe.each([
  ['drops the others', undefined],
  ['fuses the others', 'fuse' as const],
])('a plan that ranks tokens by class attention and %s', (_, rest) => {
  const rank = (count: number): BlockPlan => ({ kind: 'rank', count, ranker: classAttention, rest });

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
            counts.sort((a, b) => b - a).map((count) => rank(count)),
          ),
      ),
      { numRuns: 10 },
    );
  });

  it('stands between merging blocks', async () => {
    await expectPlain(tinyConfig, [merge(8, 'ward'), rank(6), merge(4, 'tome')]);
    await expectPlain(distilledConfig, [rank(9), merge(7, 'ward'), rank(4)]);
  });
});

it('refuses counts that cannot be merged to or fused to', () => {
  const network = placeParams(backend, tinyConfig, randomParams(tinyConfig, 1));
  const start = embed(network, backend.constant(images));
  const run = (entry: BlockPlan) =>
    runBlocks(network, start, { plan: [entry, { kind: 'dense' }, { kind: 'dense' }] });
  expect(() => run(merge(5, 'tome'))).toThrow(/block 0 leaves 5 tokens; expected 6 to 10/);
  expect(() => run({ kind: 'rank', count: 1, ranker: classAttention, rest: 'fuse' })).toThrow(
    /block 0 keeps 1 tokens; expected 2 to 10/,
  );
});
