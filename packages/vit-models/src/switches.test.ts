/** The forward pass of a network like those of each family, against plain loops: dense, and under plans that keep tokens. */

import { range, type Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { familyConfigs } from '@patchslim/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectNear } from '../test/expect-near.js';
import { plainForward } from '../test/plain-vit.js';
import { placeParams, randomImages, randomParams } from '../test/random-model.js';
import {
  densePlan,
  embed,
  forward,
  losslessPlan,
  prefixPositions,
  readsPatches,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type Keys,
  type VitConfig,
} from './index.js';
import { switchesOf, type Switch } from './config.js';

const backend = createReferenceBackend();

const configs: readonly VitConfig[] = familyConfigs;

it('sets every switch but the stem, which has its own tests, away from its default in some network', () => {
  const usual = switchesOf({});
  const changed = new Set(
    configs.flatMap((config) => {
      const values = switchesOf(config);
      return (Object.keys(values) as Switch[]).filter((key) => String(values[key]) !== String(usual[key]));
    }),
  );
  changed.add('stem');
  expect([...changed].sort()).toEqual(Object.keys(usual).sort());
});

/** What no family has, and the switches allow. */
const others: readonly VitConfig[] = familyConfigs.flatMap((config) => {
  switch (config.name) {
    case 'dinov3':
      return [{ ...config, name: 'dinov3, registers first', prefix: ['register', 'register', 'class'] }];
    case 'beit':
      return [
        { ...config, name: 'beit without class token', prefix: [] },
        { ...config, name: 'beit with a register', prefix: ['class', 'register'] },
      ];
    case 'siglip':
      return [{ ...config, name: 'siglip, gated', mlp: 'gated', activation: 'silu', prefix: ['class'] }];
    default:
      return [];
  }
});

describe.each([...configs, ...others])('a network like $name', (config) => {
  const params = randomParams(config, 1);
  const network = placeParams(backend, config, params);
  const images = randomImages(config, 2, 2);
  const pixels = images.data.length / 2;
  const prefix = prefixPositions(config);
  const patches = range(tokenCount(config)).slice(prefix.length);

  /** Patches in shuffled order, fewer from block to block; none where the head reads prefix tokens alone. */
  const nestedPlan = (keys: Keys): fc.Arbitrary<BlockPlan[]> =>
    fc
      .tuple(
        fc.shuffledSubarray(patches, { minLength: patches.length }),
        fc.array(fc.integer({ min: readsPatches(config) ? 1 : 0, max: patches.length }), {
          minLength: config.depth,
          maxLength: config.depth,
        }),
      )
      .map(([order, counts]) =>
        counts
          .sort((a, b) => b - a)
          .map((count) => ({ kind: 'keep', keep: [...prefix, ...order.slice(0, count)], keys })),
      );

  const logitsOf = async (plan?: readonly BlockPlan[]) => [
    ...(await forward(network, backend.constant(images), { plan }).logits.data()),
  ];

  async function expectPlain(plan?: readonly BlockPlan[]) {
    const wanted = [0, 1].flatMap(
      (image) =>
        plainForward(config, params, images.data.subarray(image * pixels, (image + 1) * pixels), plan).logits,
    );
    expectNear(await logitsOf(plan), wanted, 1e-5);
  }

  it('equals plain loops', () => expectPlain());

  it.each(['compact', 'all'] as const)('equals masked plain loops under nested plans, keys %s', (keys) =>
    fc.assert(
      fc.asyncProperty(nestedPlan(keys), (plan) => expectPlain(plan)),
      { numRuns: 3 },
    ),
  );

  it('computes exactly the dense rows of any tokens that one block keeps', async () => {
    const start = embed(network, backend.constant(images));
    const rowsOf = (plan: readonly BlockPlan[], block: number): Tensor => {
      const { state } = runBlocks(network, start, { plan: densePlan(config), to: block });
      return runBlocks(network, state, { plan, from: block, to: block + 1 }).state.tokens;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(patches, { minLength: 1 }),
        fc.nat(config.depth - 1),
        fc.constantFrom<Keys>('compact', 'all'),
        async (some, block, keys) => {
          const keep = [...prefix, ...some];
          const plan = densePlan(config);
          plan[block] = { kind: 'keep', keep, keys };
          const dense = await rowsOf(densePlan(config), block).data();
          const slimmed = await rowsOf(plan, block).data();
          for (const image of [0, 1]) {
            const row = (data: ArrayLike<number>, index: number) => {
              const begin = (image * (data.length / (2 * config.width)) + index) * config.width;
              return Array.from(data).slice(begin, begin + config.width);
            };
            for (const [index, position] of keep.entries())
              expect(row(slimmed, index)).toEqual(row(dense, position));
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  it('has the dense logits under its lossless plan', async () => {
    const plan = losslessPlan(config);
    expect(plan.some(({ kind }) => kind === 'keep')).toBe(!readsPatches(config));
    expectNear(await logitsOf(plan), await logitsOf(), 1e-6);
  });
});
