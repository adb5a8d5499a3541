/** Eq. 6 of the paper against an exact example, and against the explicit sum over head paths. */

import { float32, type Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  prefixTokens,
  readsPatches,
  type BlockCapture,
  type BlockTokens,
  type PrefixRole,
  type VitConfig,
} from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureBlocks, tinyConfig } from '../test/network.js';
import { expectScores, range, rowOf, total, type Matrix, type PlainBlock } from '../test/plain.js';
import { nestedPlan } from '../test/plans.js';
import { impact } from './index.js';

describe('impact of a network of three tokens, two heads and three blocks', () => {
  // Worked out in fractions, heads summed. Rows 2 and 3 of the last block carry no weight: m_3 = [1, 0, 0].
  // prettier-ignore
  const attention = [
    [
      [[1 / 2, 1 / 4, 1 / 4], [1 / 4, 1 / 2, 1 / 4], [1 / 4, 1 / 4, 1 / 2]],
      [[1 / 4, 1 / 2, 1 / 4], [1 / 2, 1 / 2, 0], [0, 1 / 2, 1 / 2]],
    ],
    [
      [[1 / 2, 1 / 2, 0], [1 / 4, 1 / 4, 1 / 2], [1 / 2, 1 / 4, 1 / 4]],
      [[1 / 4, 1 / 4, 1 / 2], [1 / 2, 0, 1 / 2], [1 / 4, 1 / 2, 1 / 4]],
    ],
    [
      [[1 / 2, 1 / 4, 1 / 4], [1 / 3, 1 / 3, 1 / 3], [0, 1 / 2, 1 / 2]],
      [[1 / 4, 0, 3 / 4], [1 / 2, 1 / 4, 1 / 4], [1 / 4, 1 / 4, 1 / 2]],
    ],
  ];
  // prettier-ignore
  const input = [
    [[1, -2], [3, 1], [-1, 2]],
    [[2, -1], [0, 1], [1, 3]],
    [[0, 0], [0, 0], [0, 0]], // Z_2 does not affect the tested scores
  ];
  const config: VitConfig = { ...tinyConfig, depth: 3, heads: 2, width: 2 };
  const backend = createReferenceBackend();

  function capture(block: number, tokens: BlockTokens): BlockCapture {
    const { input: columns, kept: rows } = tokens;
    const weights = attention[block]!.map((head) => rows.map((q) => columns.map((k) => head[q]![k]!)));
    const features = columns.map((position) => input[block]![position]!);
    return {
      block,
      tokens,
      attention: backend.constant(float32([1, 2, rows.length, columns.length], weights.flat(2))),
      input: backend.constant(float32([1, columns.length, 2], features.flat())),
    };
  }

  // The score divides by H = 2 once per block above and once for the block itself. Powers of two are exact in
  // float32, so we compare exactly.
  async function exact(scores: readonly Tensor[], blocksAbove: number): Promise<number[]> {
    return (await rowOf(scores[0]!, 0)).map((score) => score * 2 ** (blocksAbove + 1));
  }

  const all = [0, 1, 2];
  const last: BlockTokens = { input: all, kept: [0], output: [0] };

  it('at block 2 is exact', async () => {
    const captures = [capture(1, { input: all, kept: all, output: all }), capture(2, last)];
    const scores = impact.score(captures, { config, seed: 0 });
    expect(await exact(scores, 1)).toEqual([35 / 16, 45 / 64, 265 / 64]);
  });

  // m_2 = [1, 0, 1]. Bypassed tokens have no weight in Eq. 6, so both readings give the same result.
  it.each([
    ['compact', [0, 2], [0, 2]],
    ['all', [0, 2, 1], [0, 2, 1]],
  ])('at block 1 is exact with keys %s', async (_, output, reaching) => {
    const captures = [
      capture(0, { input: all, kept: all, output: all }),
      capture(1, { input: all, kept: [0, 2], output }),
      capture(2, { input: reaching, kept: [0], output: [0] }),
    ];
    const scores = impact.score(captures, { config, seed: 0 });
    expect(await exact(scores, 2)).toEqual([23125 / 4096, 2875 / 512, 2775 / 1024]);
  });
});

describe('impact', () => {
  const cases = fc
    .record({
      heads: fc.constantFrom(2, 3),
      depth: fc.constantFrom(3, 4),
      prefix: fc.constantFrom<readonly PrefixRole[]>(
        ['class'],
        ['class', 'distillation'],
        ['class', 'register'],
      ),
      pool: fc.constantFrom('class' as const, 'mean' as const),
      keys: fc.constantFrom('compact' as const, 'all' as const),
      seed: fc.nat(1000),
    })
    .chain(({ keys, seed, ...size }) => {
      const config: VitConfig = { ...tinyConfig, ...size };
      return nestedPlan(config, keys).map((plan) => ({ config, plan, seed }));
    });

  it('is the sum over all head paths, image by image, in the slimmed network', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ config, plan, seed }) => {
        const captures = captureBlocks(createReferenceBackend(), config, { plan, seed });
        await expectScores(impact, config, captures, (blocks, block) => sumOverPaths(config, blocks, block));
      }),
      { numRuns: 25 },
    );
  });

  it.each<[string, VitConfig]>([
    ['with a class token', tinyConfig],
    ['without one', { ...tinyConfig, prefix: [], pool: 'attention' }],
  ])('is the sum over all head paths in the dense network %s', async (_, config) => {
    const captures = captureBlocks(createReferenceBackend(), config);
    await expectScores(impact, config, captures, (blocks, block) => sumOverPaths(config, blocks, block));
  });
});

/** Eq. 6 with averaged heads: each path of heads separately, each matrix over all positions. */
function sumOverPaths(config: VitConfig, blocks: readonly PlainBlock[], block: number): number[] {
  const { heads } = config;
  const above = blocks.slice(block + 1);
  const energies = pathsOf(above.length, heads).map((path) => {
    const matrix = product(config, above, path);
    return range(matrix.length).map((i) => total(matrix.map((row) => row[i]! ** 2)));
  });
  const { attention, input } = blocks[block]!;
  return range(input.length).map((i) => {
    const features = attention.map((head) =>
      total(range(config.width).map((c) => total(input.map((z, j) => head[i]![j]! * Math.abs(z[c]!))) ** 2)),
    );
    return (total(energies.map((energy) => energy[i]!)) / heads ** above.length) * (total(features) / heads);
  });
}

/** All choices of one head per block. */
function pathsOf(length: number, heads: number): number[][] {
  if (length === 0) return [[]];
  return pathsOf(length - 1, heads).flatMap((path) => range(heads).map((head) => [...path, head]));
}

/** `diag(m_L) P_L … diag(m_{t+1}) P_{t+1}`; after the last block only the tokens that the head reads. */
function product(config: VitConfig, above: readonly PlainBlock[], path: readonly number[]): Matrix {
  const positions = range((config.imageSize / config.patchSize) ** 2 + prefixTokens(config));
  const read = (i: number) => i < prefixTokens(config) || readsPatches(config);
  let result: Matrix = positions.map((i) => positions.map((j) => (i === j && read(i) ? 1 : 0)));
  for (const l of range(above.length).reverse()) {
    const step = above[l]!.attention[path[l]!]!;
    result = result.map((row) => positions.map((j) => total(positions.map((k) => row[k]! * step[k]![j]!))));
  }
  return result;
}
