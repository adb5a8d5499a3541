/** Blocks of a plan as data and for the forward pass. */

import { runTimeScores } from '@patchslim/importance-estimators';
import { losslessPlan, type BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { pairCases } from '../test/cases.js';
import { keepTop, reduce } from '../test/entries.js';
import { firstRows } from '../test/first-rows.js';
import { tinyConfig } from '../test/random-model.js';
import {
  createReducer,
  findReducer,
  planBlockSchema,
  reducers,
  resolveBlocks,
  toPlanBlocks,
  type PlanBlock,
} from './index.js';

const positions = Array.from({ length: 10 }, (_, i) => i / 3);
const entries: readonly BlockPlan[] = [
  ...losslessPlan(tinyConfig),
  ...pairCases.map(([, entryOf]) => entryOf(8, 10)),
  ...runTimeScores.flatMap(({ name }) =>
    name === 'predictor' ? [] : [keepTop(8, undefined, name), keepTop(8, 'fuse', name)],
  ),
  reduce(4, 'top-k', { score: { name: 'predictor', positions, weights: [1e-9 / 3, -200 / 3] } }),
];

describe('toPlanBlocks', () => {
  it('makes plain JSON that the schema accepts and that gives the same blocks again', () => {
    const made = toPlanBlocks(entries);
    const read = z.parse(z.array(planBlockSchema), JSON.parse(JSON.stringify(made)));
    expect(read).toEqual(made);
    const again = resolveBlocks(read);
    expect(toPlanBlocks(again)).toEqual(made);
    for (const [i, entry] of entries.entries()) {
      const other = again[i]!;
      if (entry.kind !== 'reduce' || other.kind !== 'reduce') expect(other).toEqual(entry);
      else {
        const { name, phase, needsAttention, merges } = entry.reducer;
        expect(other.reducer).toMatchObject({ name, phase, needsAttention, merges });
        expect(other.reducer.macs(tinyConfig, 10, 8)).toBe(entry.reducer.macs(tinyConfig, 10, 8));
      }
    }
  });

  it('covers every reducer in the table', () => {
    const names = toPlanBlocks(entries).flatMap((entry) =>
      entry.kind === 'reduce' ? [entry.reducer.name] : [],
    );
    expect(new Set(names)).toEqual(new Set(reducers.map(({ name }) => name)));
  });

  it('rounds numbers to seven digits, and copies lists', () => {
    const weights = [1e-9 / 3, -200 / 3];
    const keep = [0, 4, 9];
    const made = toPlanBlocks([
      reduce(4, 'top-k', { score: { name: 'predictor', positions, weights } }),
      { kind: 'keep', keep, keys: 'all' },
    ]);
    weights.pop();
    keep.pop();
    expect(made).toMatchObject([
      { reducer: { score: { weights: [3.333333e-10, -66.66667] } } },
      { keep: [0, 4, 9] },
    ]);
  });

  it('refuses a reducer that no plan can hold', () => {
    const own: BlockPlan = { kind: 'reduce', count: 4, reducer: firstRows() };
    expect(() => toPlanBlocks([own])).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
  });
});

describe('planBlockSchema', () => {
  it.each<[string, unknown]>([
    ['an unknown reducer', { kind: 'reduce', count: 4, reducer: { name: 'weird' } }],
    ['an unknown score', { kind: 'reduce', count: 4, reducer: { name: 'top-k', score: { name: 'oracle' } } }],
    ['an option too many', { kind: 'reduce', count: 4, reducer: { name: 'ward', margin: 1 } }],
    ['an option too few', { kind: 'reduce', count: 4, reducer: { name: 'pitome' } }],
    ['an option of another type', { kind: 'reduce', count: 4, reducer: { name: 'diffrate', kept: '9' } }],
    ['half an iteration', { kind: 'reduce', count: 4, reducer: { name: 'zero-tprune', iterations: 0.5 } }],
    ['a negative count', { kind: 'reduce', count: -1, reducer: { name: 'ward' } }],
  ])('refuses %s', (_, entry) => {
    expect(z.safeParse(planBlockSchema, entry).success).toBe(false);
  });
});

describe('resolveBlocks', () => {
  it('names near matches of a reducer that does not exist', () => {
    const entry = { kind: 'reduce', count: 4, reducer: { name: 'tomee' } } as unknown as PlanBlock;
    expect(() => resolveBlocks([entry])).toThrow(/tome/);
    expect(() => findReducer('tomee')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
  });
});

describe('createReducer', () => {
  it('keeps name and options as in a plan', () => {
    expect(createReducer('tome')).toMatchObject({ name: 'tome', options: {}, merges: true });
    expect(createReducer('pitome', { margin: 0.5 })).toMatchObject({
      name: 'pitome',
      options: { margin: 0.5 },
    });
    expect(createReducer('top-k', { score: { name: 'class-attention' } })).toMatchObject({
      phase: 'before-queries',
      merges: false,
    });
  });
});
