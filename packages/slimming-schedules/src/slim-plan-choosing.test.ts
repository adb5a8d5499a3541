/** Plans with blocks that choose tokens image by image: writing, reading, refusing. */

import type { BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { origin, tinyConfig } from '../test/toy.js';
import { blocksFor, createPlan, formatPlan, parsePlan } from './index.js';

const model = { config: tinyConfig, fingerprint: 'a'.repeat(64) };

describe('formatPlan', () => {
  it('writes blocks that choose tokens image by image', () => {
    const dynamic: BlockPlan[] = [
      { kind: 'merge', count: 8, merger: { name: 'ward' } },
      { kind: 'rank', count: 6, ranker: { name: 'class-attention' }, rest: 'fuse' },
      { kind: 'rank', count: 5, ranker: { name: 'class-attention' } },
    ];
    const made = createPlan(model, dynamic, origin);
    expect(made.blocks).toEqual(dynamic);
    expect(parsePlan(formatPlan(made))).toEqual(made);
    const unknown = formatPlan(made).replace('"ward"', '"weird"');
    expect(() => parsePlan(unknown)).toThrow(/blocks\.0\.merger\.name/);
  });

  it.each<BlockPlan & { readonly count: number }>([
    { kind: 'merge', count: 8, merger: { name: 'pool' } },
    { kind: 'merge', count: 8, merger: { name: 'tome' } },
    { kind: 'merge', count: 8, merger: { name: 'pitome', margin: 0.45 } },
    { kind: 'merge', count: 8, merger: { name: 'mctf' } },
    { kind: 'merge', count: 8, merger: { name: 'diffrate', kept: 9 } },
    { kind: 'merge', count: 8, merger: { name: 'tps' } },
    { kind: 'merge', count: 8, merger: { name: 'zero-tprune', iterations: 30 } },
    { kind: 'rank', count: 8, ranker: { name: 'global-class-attention' } },
    { kind: 'rank', count: 8, ranker: { name: 'sampled-attention' } },
    { kind: 'rank', count: 8, ranker: { name: 'attention-received' }, rest: 'fuse' },
  ])('writes and reads $kind by $merger.name$ranker.name', (entry) => {
    const made = createPlan(model, [entry, { kind: 'dense' }, { kind: 'dense' }], origin);
    expect(made.blocks[0]).toEqual(entry);
    expect(parsePlan(formatPlan(made))).toEqual(made);
  });

  it.each<[BlockPlan, RegExp]>([
    [{ kind: 'merge', count: 8, merger: { name: 'pitome', margin: 2 } }, /margin 2; expected -1 to 1/],
    [
      { kind: 'merge', count: 8, merger: { name: 'diffrate', kept: 7 } },
      /keeps 7 tokens .* expected 8 to 10/,
    ],
    [
      { kind: 'merge', count: 8, merger: { name: 'diffrate', kept: 11 } },
      /keeps 11 tokens .* expected 8 to 10/,
    ],
    [{ kind: 'merge', count: 8, merger: { name: 'zero-tprune', iterations: 0 } }, /ranks with 0 iterations/],
  ])('refuses a block that cannot be run (%j)', (entry, message) => {
    expect(() => createPlan(model, [entry, { kind: 'dense' }, { kind: 'dense' }], origin)).toThrow(message);
  });
});

describe('a plan that ranks tokens', () => {
  const ranker = {
    name: 'predictor',
    positions: Array.from({ length: 10 }, (_, i) => i / 3),
    weights: [1e-9 / 3, -200 / 3],
  } as const;
  const entries: BlockPlan[] = [
    { kind: 'dense' },
    { kind: 'rank', count: 4, ranker },
    { kind: 'keep', keep: [0], keys: 'compact' },
  ];
  const predictor = { r2: [null, 0.5, null], staticR2: [null, 0.25, null] };
  const ranked = createPlan(model, entries, { ...origin, method: 'dps', predictor });
  const json = (change: (entry: { count: unknown; ranker: Record<string, unknown> }) => void) => {
    const copy = JSON.parse(formatPlan(ranked)) as { blocks: Parameters<typeof change>[0][] };
    change(copy.blocks[1]!);
    return JSON.stringify(copy);
  };

  it('has in memory what it has in the file, seven digits of every number', () => {
    expect(ranked.blocks[1]).toMatchObject({ ranker: { weights: [3.333333e-10, -66.66667] } });
    expect(parsePlan(formatPlan(ranked))).toEqual(ranked);
    expect(blocksFor(ranked, model)).toEqual(ranked.blocks);
    expect(formatPlan(ranked)).toContain(
      '{"kind":"rank","count":4,"ranker":{"name":"predictor","positions":[0,',
    );
  });

  it.each<[string, Parameters<typeof json>[0], string]>([
    ['no count', (entry) => (entry.count = -1), 'blocks.1.count: Too small'],
    ['an unknown ranker', (entry) => (entry.ranker['name'] = 'oracle'), 'blocks.1.ranker.name: '],
    [
      'too few positions',
      (entry) => (entry.ranker['positions'] = [1, 2]),
      'blocks.1.ranker.positions: expected one number for each of 10 tokens, got 2',
    ],
    ['a weight that is none', (entry) => (entry.ranker['weights'] = [null]), 'blocks.1.ranker.weights.0: '],
  ])('is not read with %s', (_, change, message) => {
    expect(() => parsePlan(json(change))).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    expect(() => parsePlan(json(change))).toThrow(message);
  });

  it('is not run with weights for other groups of channels, or with more tokens than there are', () => {
    const weights = parsePlan(json((entry) => (entry.ranker['weights'] = [1, 2, 3, 4, 5])));
    expect(() => blocksFor(weights, model)).toThrow(/block 1 has a predictor for 5 groups of channels/);
    const count = parsePlan(json((entry) => (entry.count = 11)));
    expect(() => blocksFor(count, model)).toThrow(/block 1 leaves 11 tokens; expected 1 to 10/);
  });
});
