/** Default options of reducers, the schedules of their papers, and blocks from both. */

import { vitMacs } from '@patchslim/flop-counter';
import { range } from '@patchslim/tensor';
import { tokenCount, vitConfig, type BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { findReducer, reducers, reduceTo, type ReducerName } from './index.js';

const optionsOf = (...args: Parameters<typeof reduceTo<ReducerName>>) => reduceTo(...args).reducer.options;
const at = (block: number, reaching: number, count: number, config = vitConfig('deit-small')) => {
  return { config, block, reaching, count };
};

describe('reduceTo', () => {
  it('fills in the defaults of the block', () => {
    const iterations = [0, 2, 3, 5, 6, 11].map((block) => optionsOf('zero-tprune', at(block, 197, 150)));
    expect(iterations).toEqual([30, 30, 5, 5, 1, 1].map((n) => ({ iterations: n })));
    expect(optionsOf('pitome', at(0, 197, 180))).toEqual({ margin: 0.9 });
    expect(optionsOf('pitome', at(8, 197, 180))).toEqual({ margin: 0.3 });
    expect(optionsOf('tome', at(8, 197, 180))).toEqual({});
  });

  it('uses the published numbers of DiffRate, and drops a third where there are none', () => {
    expect(optionsOf('diffrate', at(2, 194, 176))).toEqual({ kept: 190 });
    expect(optionsOf('diffrate', at(1, 197, 194))).toEqual({ kept: 196 });
    // Another count, input count, block, image size, depth, model.
    expect(optionsOf('diffrate', at(2, 194, 170))).toEqual({ kept: 186 });
    expect(optionsOf('diffrate', at(2, 197, 176))).toEqual({ kept: 190 });
    expect(optionsOf('diffrate', at(3, 194, 176))).toEqual({ kept: 188 });
    const small = vitConfig('deit-small');
    expect(optionsOf('diffrate', at(2, 194, 176, { ...small, imageSize: 240 }))).toEqual({ kept: 188 });
    expect(optionsOf('diffrate', at(2, 194, 176, { ...small, depth: 11 }))).toEqual({ kept: 188 });
    expect(optionsOf('diffrate', at(2, 194, 176, vitConfig('deit-tiny')))).toEqual({ kept: 188 });
  });

  it('prefers the options of the caller', () => {
    const place = at(3, 197, 180);
    const block = reduceTo('pitome', place, { margin: 0.5 });
    expect(block).toMatchObject({ kind: 'reduce', count: 180, reducer: { name: 'pitome' } });
    expect(block.reducer.options).toEqual({ margin: 0.5 });
    const score = { name: 'feature-norm' } as const;
    expect(reduceTo('top-k', place, { score, rest: 'fuse' }).reducer).toMatchObject({
      options: { score, rest: 'fuse' },
      phase: 'after-attention',
    });
  });

  it.each<[ReducerName, object, RegExp]>([
    ['top-k', {}, /'top-k' for block 3: score/],
    ['pitome', { margin: 'much' }, /'pitome' for block 3: margin/],
    ['zero-tprune', { iterations: 0.5 }, /'zero-tprune' for block 3: iterations/],
  ])('refuses options of %s that are missing or wrong: %j', (name, options, message) => {
    const make = () => reduceTo(name, at(3, 197, 180), options);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses unknown reducers', () => {
    expect(() => reduceTo('tomee' as 'tome', at(3, 197, 180))).toThrow(/unknown reducer 'tomee'; .* tome/);
  });
});

describe('the schedule of a paper', () => {
  it.each([
    ['tome', [184, 171, 158, 145, 132, 119, 106, 93, 80, 67, 54, 1]],
    ['mctf', [181, 165, 149, 133, 117, 101, 85, 69, 53, 37, 21, 1]],
    ['tps', [197, 197, 197, 139, 139, 139, 98, 98, 98, 69, 69, 1]],
  ])('of %s for DeiT', (name, counts) => {
    for (const model of ['deit-tiny', 'deit-base']) {
      expect(findReducer(name).countsOf(vitConfig(model))).toEqual(counts);
    }
  });

  it.each([
    ['deit-tiny', 0.7264],
    ['deit-small', 2.905],
    ['deit-base', 11.5166],
  ])('of DiffRate has the published cost for %s', (name, published) => {
    const config = vitConfig(name);
    const counts = findReducer('diffrate').countsOf(config)!;
    const blocks = counts.map((count, block): BlockPlan => {
      const reaching = counts[block - 1] ?? tokenCount(config);
      return count === reaching
        ? { kind: 'dense' }
        : reduceTo('diffrate', { config, block, reaching, count });
    });
    const { total, reducing } = vitMacs(config, blocks);
    expect((total - reducing.reduce((a, b) => a + b, 0)) / 1e9).toBeCloseTo(published, 4);
  });

  it('is undefined where there is none', () => {
    expect(findReducer('diffrate').countsOf(vitConfig('vit-large'))).toBeUndefined();
    expect(findReducer('diffrate').countsOf(vitConfig('deit-tiny-distilled'))).toBeUndefined();
    for (const name of ['ward', 'pool', 'top-k', 'pitome', 'zero-tprune']) {
      expect(findReducer(name).countsOf(vitConfig('deit-tiny'))).toBeUndefined();
    }
  });
});

it.each(reducers)('$name has a one-line summary, and a default behaviour at every block', (reducer) => {
  const { name, summary, options } = reducer;
  expect(summary).toMatch(/^[a-z].{10,110}[^.]$/);
  const given = name === 'top-k' ? { score: { name: 'class-attention' } } : {};
  for (const block of range(12)) {
    const place = at(block, 150, 120);
    const made = reduceTo(name, place, given);
    expect(Object.keys(options)).toEqual(expect.arrayContaining(Object.keys(made.reducer.options)));
    expect(made.reducer.problem?.(place.config, 150, 120)).toBeUndefined();
  }
});
