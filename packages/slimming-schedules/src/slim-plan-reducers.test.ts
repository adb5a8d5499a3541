/** Plans with reducers: writing, reading, refusing. */

import { createReducer, toPlanBlocks, type ReducerName } from '@patchslim/token-reducers';
import type { BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { origin, tinyConfig } from '../test/toy.js';
import { blocksFor, createPlan, formatPlan, parsePlan } from './index.js';

const model = { config: tinyConfig, fingerprint: 'a'.repeat(64) };
const dense: BlockPlan = { kind: 'dense' };
const reduce = <Name extends ReducerName>(
  count: number,
  ...args: Parameters<typeof createReducer<Name>>
): BlockPlan => ({ kind: 'reduce', count, reducer: createReducer(...args) });

describe('formatPlan', () => {
  it('writes reducers by name, with their options', () => {
    const dynamic = [
      reduce(8, 'ward'),
      reduce(6, 'top-k', { score: { name: 'class-attention' }, rest: 'fuse' }),
      reduce(5, 'top-k', { score: { name: 'class-attention' } }),
    ];
    const made = createPlan(model, dynamic, origin);
    expect(made.blocks).toEqual([
      { kind: 'reduce', count: 8, reducer: { name: 'ward' } },
      {
        kind: 'reduce',
        count: 6,
        reducer: { name: 'top-k', score: { name: 'class-attention' }, rest: 'fuse' },
      },
      { kind: 'reduce', count: 5, reducer: { name: 'top-k', score: { name: 'class-attention' } } },
    ]);
    expect(parsePlan(formatPlan(made))).toEqual(made);
    expect(toPlanBlocks(blocksFor(made, model))).toEqual(made.blocks);
    const unknown = formatPlan(made).replace('"ward"', '"weird"');
    expect(() => parsePlan(unknown)).toThrow(/blocks\.0\.reducer\.name/);
  });

  it.each([
    reduce(8, 'pool'),
    reduce(8, 'tome'),
    reduce(8, 'pitome', { margin: 0.45 }),
    reduce(8, 'mctf'),
    reduce(8, 'diffrate', { kept: 9 }),
    reduce(8, 'tps'),
    reduce(8, 'zero-tprune', { iterations: 30 }),
    reduce(8, 'top-k', { score: { name: 'global-class-attention' } }),
    reduce(8, 'top-k', { score: { name: 'sampled-attention' } }),
    reduce(8, 'top-k', { score: { name: 'attention-received' }, rest: 'fuse' }),
  ])('writes and reads $reducer.name $reducer.options', (entry) => {
    const made = createPlan(model, [entry, dense, dense], origin);
    const { name, options } = (entry as Extract<BlockPlan, { kind: 'reduce' }>).reducer;
    expect(made.blocks[0]).toEqual({ kind: 'reduce', count: 8, reducer: { name, ...options } });
    expect(parsePlan(formatPlan(made))).toEqual(made);
  });

  it.each([
    ['pitome', reduce(8, 'pitome', { margin: 2 }), /margin 2; expected -1 to 1/],
    ['diffrate, 7', reduce(8, 'diffrate', { kept: 7 }), /keeps 7 tokens .* expected 8 to 10/],
    ['diffrate, 11', reduce(8, 'diffrate', { kept: 11 }), /keeps 11 tokens .* expected 8 to 10/],
    ['zero-tprune', reduce(8, 'zero-tprune', { iterations: 0 }), /ranks with 0 iterations/],
  ])('refuses a block that cannot be run (%s)', (_, entry, message) => {
    expect(() => createPlan(model, [entry, dense, dense], origin)).toThrow(message);
  });
});

describe('a plan with predictors', () => {
  const score = {
    name: 'predictor' as const,
    positions: Array.from({ length: 10 }, (_, i) => i / 3),
    weights: [1e-9 / 3, -200 / 3],
  };
  const entries: BlockPlan[] = [
    { kind: 'dense' },
    reduce(4, 'top-k', { score }),
    { kind: 'keep', keep: [0], keys: 'compact' },
  ];
  const fitted = { step: 'fitted', score: 'impact', images: 256 } as const;
  const explained = { r2: [null, 0.5, null], staticR2: [null, 0.25, null] };
  const ranked = createPlan(model, entries, {
    ...{ ...origin, method: 'dps' },
    steps: [{ ...fitted, ...explained }],
  });
  const json = (change: (entry: { count: unknown; reducer: { score: Record<string, unknown> } }) => void) => {
    const copy = JSON.parse(formatPlan(ranked)) as { blocks: Parameters<typeof change>[0][] };
    change(copy.blocks[1]!);
    return JSON.stringify(copy);
  };

  it('has the same numbers in memory as in the file: seven digits', () => {
    expect(ranked.blocks[1]).toMatchObject({
      reducer: { score: { weights: [3.333333e-10, -66.66667] } },
    });
    expect(parsePlan(formatPlan(ranked))).toEqual(ranked);
    expect(toPlanBlocks(blocksFor(ranked, model))).toEqual(ranked.blocks);
    expect(formatPlan(ranked)).toContain(
      '{"kind":"reduce","count":4,"reducer":{"name":"top-k","score":{"name":"predictor","positions":[0,',
    );
  });

  it.each<[string, Parameters<typeof json>[0], string]>([
    ['no count', (entry) => (entry.count = -1), 'blocks.1.count: Too small'],
    [
      'an unknown score',
      (entry) => (entry.reducer.score['name'] = 'oracle'),
      'blocks.1.reducer.score.name: ',
    ],
    [
      'a weight that is not a number',
      (entry) => (entry.reducer.score['weights'] = [null]),
      'blocks.1.reducer.score.weights.0: ',
    ],
  ])('is not read with %s', (_, change, message) => {
    expect(() => parsePlan(json(change))).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    expect(() => parsePlan(json(change))).toThrow(message);
  });

  it('is refused with weights for other groups of channels, too few positions, or too many tokens', () => {
    const weights = parsePlan(json((entry) => (entry.reducer.score['weights'] = [1, 2, 3, 4, 5])));
    expect(() => blocksFor(weights, model)).toThrow(/block 1 has a predictor for 5 groups of channels/);
    const positions = parsePlan(json((entry) => (entry.reducer.score['positions'] = [1, 2])));
    expect(() => blocksFor(positions, model)).toThrow(/block 1 has a predictor for 2 positions; test has 10/);
    const count = parsePlan(json((entry) => (entry.count = 11)));
    expect(() => blocksFor(count, model)).toThrow(/block 1 leaves 11 tokens; expected 1 to 10/);
  });
});
