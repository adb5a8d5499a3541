/** Block scores and rollout, against plain loops on a small network, dense and slimmed. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { plainScores, type PlainRows } from '@patchslim/testing';
import { densePlan, type BlockPlan, type Keys } from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureBlocks, tinyConfig } from '../test/network.js';
import { expectScores, range, rowOf, total, type PlainBlock } from '../test/plain.js';
import { nestedPlan } from '../test/plans.js';
import { rollout, runTimeScores, staticScores, type Score } from './index.js';

type Formula = (blocks: readonly PlainBlock[], block: number) => readonly number[];

const { heads } = tinyConfig;
const tokens = range(10);

/** The block scores that work on captures. The reducers' tests use the same formulas for the running network. */
const ofBlocks = runTimeScores.flatMap(({ name, runTimeOnly }): (readonly [Score, Formula])[] => {
  if (runTimeOnly !== undefined || name === 'predictor') return [];
  const formula: Formula = (blocks, l) => plainScores[name](plainRows(blocks[l]!));
  return [[staticScores.find((score) => score.name === name)!, formula]];
});

const formulas: readonly (readonly [Score, Formula])[] = [...ofBlocks, [rollout, rolloutOf]];

/** All positions as rows; the attention of a row that the block does not compute is zero. */
const plainRows = ({ attention, input, values, kept }: PlainBlock): PlainRows => ({
  heads,
  prefix: 1,
  leaves: kept.size - 1,
  input,
  values,
  attention: tokens.map((query) => attention.map((head) => head[query]!)),
  classAttention: attention.map((head) => head[0]!),
  positions: tokens,
  attended: tokens.map(() => undefined),
});

/**
 * The class token's row of the product of `(P̄ + I) / 2` over the blocks above. A row that a block does not compute
 * is unchanged.
 */
function rolloutOf(blocks: readonly PlainBlock[], block: number): number[] {
  let weight: number[] = tokens.map((i) => (i === 0 ? 1 : 0));
  for (const { attention, kept } of blocks.slice(block + 1).reverse()) {
    const step = (i: number, j: number) => {
      const residual = i === j ? 1 : 0;
      return kept.has(i) ? (total(attention.map((p) => p[i]![j]!)) / heads + residual) / 2 : residual;
    };
    weight = tokens.map((j) => total(tokens.map((i) => weight[i]! * step(i, j))));
  }
  return weight;
}

describe.each(formulas)('$0.name', (score, formula) => {
  it('equals plain loops in the dense network', async () => {
    const captures = captureBlocks(createReferenceBackend(), tinyConfig);
    await expectScores(score, tinyConfig, captures, formula);
  });

  it.each(['compact', 'all'] as const)('equals plain loops in slimmed networks, keys %s', async (keys) => {
    await fc.assert(
      fc.asyncProperty(nestedPlan(tinyConfig, keys), fc.nat(1000), async (plan, seed) => {
        const captures = captureBlocks(createReferenceBackend(), tinyConfig, { plan, seed });
        await expectScores(score, tinyConfig, captures, formula);
      }),
      { numRuns: 10 },
    );
  });
});

describe('rollout', () => {
  // Attention rows sum to one, and a bypassed row is unchanged: the total weight stays one.
  it.each([
    ['dense', densePlan(tinyConfig)],
    ['compact', slimmedPlan('compact')],
    ['all', slimmedPlan('all')],
  ])('shares out a weight of one (%s)', async (_, plan) => {
    const captures = captureBlocks(createReferenceBackend(), tinyConfig, { plan });
    const [atInput] = rollout.score(captures, { config: tinyConfig, seed: 0 });
    for (const image of [0, 1]) expect(total(await rowOf(atInput!, image))).toBeCloseTo(1, 5);
  });
});

function slimmedPlan(keys: Keys): BlockPlan[] {
  return [{ kind: 'dense' }, { kind: 'keep', keep: [0, 4, 7], keys }, { kind: 'keep', keep: [0, 4], keys }];
}
