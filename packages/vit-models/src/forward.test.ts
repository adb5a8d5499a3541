import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runOnHost, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { plainForward } from '../test/plain-vit.js';
import { placeParams, randomImages, randomParams, tinyConfig } from '../test/random-model.js';
import {
  densePlan,
  embed,
  forward,
  losslessPlan,
  prefixTokens,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type CaptureKind,
  type VitConfig,
} from './index.js';

const distilledConfig: VitConfig = { ...tinyConfig, prefix: ['class', 'distillation'] as const };
const params = randomParams(tinyConfig, 1);
const images = randomImages(tinyConfig, 2, 2);

async function logitsOf(config: VitConfig, plan?: readonly BlockPlan[], seed = 1): Promise<HostTensor> {
  const backend = createReferenceBackend();
  const network = placeParams(backend, config, randomParams(config, seed));
  const program = await backend.compile(
    (inputs) => ({ logits: forward(network, inputs.images, { plan }).logits }),
    {
      images: { shape: images.shape, dtype: 'float32' },
    },
  );
  return (await runOnHost(backend, program, { images })).logits;
}

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance);
}

/** Nested kept sets, class token always in, in shuffled order. */
function nestedPlan(config: VitConfig, keys: 'compact' | 'all'): fc.Arbitrary<BlockPlan[]> {
  const prefix = prefixTokens(config);
  const patches = Array.from({ length: tokenCount(config) - prefix }, (_, i) => i + prefix);
  return fc
    .tuple(
      fc.shuffledSubarray(patches, { minLength: patches.length, maxLength: patches.length }),
      fc.array(fc.nat(patches.length), { minLength: config.depth, maxLength: config.depth }),
    )
    .map(([order, counts]) =>
      counts
        .sort((a, b) => b - a)
        .map((count) => ({
          kind: 'keep',
          keep: [...Array.from({ length: prefix }, (_, i) => i), ...order.slice(0, count)],
          keys,
        })),
    );
}

describe('forward', () => {
  it.each([
    ['plain', tinyConfig],
    ['distilled', distilledConfig],
  ])('equals plain loops (%s)', async (_, config) => {
    const logits = await logitsOf(config);
    for (const image of [0, 1]) {
      const pixels = images.data.subarray(image * 432, (image + 1) * 432);
      const expected = plainForward(config, randomParams(config, 1), pixels).logits;
      expectNear(logits.data.subarray(image * 5, (image + 1) * 5), expected, 1e-5);
    }
  });

  it.each(['compact', 'all'] as const)(
    'equals masked plain loops under nested plans, keys %s',
    async (keys) => {
      for (const config of [tinyConfig, distilledConfig]) {
        await fc.assert(
          fc.asyncProperty(nestedPlan(config, keys), async (plan) => {
            const logits = await logitsOf(config, plan);
            const pixels = images.data.subarray(0, 432);
            expectNear(
              logits.data.subarray(0, 5),
              plainForward(config, randomParams(config, 1), pixels, plan).logits,
              1e-5,
            );
          }),
          { numRuns: 15 },
        );
      }
    },
  );

  it('lets a token that passed through be computed again', async () => {
    const plan: BlockPlan[] = [
      { kind: 'keep', keep: [0, 5, 2], keys: 'all' },
      { kind: 'dense' },
      { kind: 'keep', keep: [7, 0], keys: 'all' },
    ];
    const logits = await logitsOf(tinyConfig, plan);
    expectNear(
      logits.data.subarray(0, 5),
      plainForward(tinyConfig, params, images.data.subarray(0, 432), plan).logits,
      1e-5,
    );
  });

  it('changes no logit when only the class token is computed in the last block', async () => {
    for (const config of [tinyConfig, distilledConfig]) {
      const dense = await logitsOf(config);
      expectNear((await logitsOf(config, losslessPlan(config))).data, dense.data, 1e-6);
    }
  });
});

describe('runBlocks', () => {
  it('gives exactly the dense rows of the kept tokens when one block is slimmed', async () => {
    const backend = createReferenceBackend();
    const network = placeParams(backend, tinyConfig, params);
    const positions = Array.from({ length: tokenCount(tinyConfig) }, (_, i) => i);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(positions.slice(1)), fc.nat(2), async (patches, block) => {
        const keep = [0, ...patches];
        const plan = densePlan(tinyConfig);
        plan[block] = { kind: 'keep', keep, keys: 'compact' };
        const rows = async (blocks: readonly BlockPlan[]) => {
          const state = embed(network, backend.constant(images));
          const result = runBlocks(
            network,
            { ...state, positions },
            { plan: densePlan(tinyConfig), to: block },
          );
          return (
            await runBlocks(network, result.state, {
              plan: blocks,
              from: block,
              to: block + 1,
            }).state.tokens.toHost()
          ).data;
        };
        const dense = await rows(densePlan(tinyConfig));
        const slimmed = await rows(plan);
        const width = tinyConfig.width;
        for (const [row, position] of keep.entries()) {
          expect(slimmed.slice(row * width, (row + 1) * width)).toEqual(
            dense.slice(position * width, (position + 1) * width),
          );
        }
      }),
      { numRuns: 20 },
    );
  });

  it('shows the captures asked for and no others', async () => {
    const backend = createReferenceBackend();
    const network = placeParams(backend, tinyConfig, params);
    const plan = losslessPlan(tinyConfig);
    const kinds: CaptureKind[] = ['input', 'attention', 'values'];
    for (const kind of kinds) {
      const { captures } = forward(network, backend.constant(images), { plan, capture: [kind] });
      expect(captures).toHaveLength(3);
      for (const capture of captures) {
        expect(kinds.filter((other) => capture[other] !== undefined)).toEqual([kind]);
      }
    }
    expect(forward(network, backend.constant(images)).captures).toEqual([]);
    const { captures } = forward(network, backend.constant(images), {
      plan,
      capture: ['attention', 'input'],
    });
    expect(captures[2]!.attention!.shape).toEqual([2, 2, 1, 10]);
    const plain = plainForward(tinyConfig, params, images.data.subarray(0, 432)).blocks[1]!;
    expectNear((await captures[1]!.attention!.data()).slice(0, 200), plain.attention.flat(2), 1e-6);
    expectNear((await captures[1]!.input!.data()).slice(0, 80), plain.input.flat(), 1e-5);
  });

  it('leaves no tensor behind but its result', () => {
    const backend = createReferenceBackend();
    const network = placeParams(backend, tinyConfig, params);
    const input = backend.constant(images);
    const before = backend.memory.liveTensors;
    forward(network, input).logits.dispose();
    expect(backend.memory.liveTensors).toBe(before);
    expect(() => forward(network, input, { plan: [] })).toThrow(/expected 3 blocks/);
    expect(backend.memory.liveTensors).toBe(before);
  });

  it('refuses a state that the plan does not leave there', () => {
    const backend = createReferenceBackend();
    const network = placeParams(backend, tinyConfig, params);
    const state = embed(network, backend.constant(images));
    const plan: BlockPlan[] = [
      { kind: 'keep', keep: [0, 1], keys: 'compact' },
      { kind: 'dense' },
      { kind: 'dense' },
    ];
    expect(() => runBlocks(network, state, { plan, from: 1 })).toThrow(/leaves 2 tokens before block 1/);
  });
});
