/** Seeded samples. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleExamples, splitExamples } from './sample.js';

describe('splitExamples', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);

  it('splits any list in two, in its order, the same for the same seed', () => {
    const cases = fc.record({
      list: fc.uniqueArray(fc.integer()),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(cases, ({ list, share, seed }) => {
        const count = Math.floor(share * list.length);
        const { chosen, rest } = splitExamples(list, count, seed);
        expect(chosen).toHaveLength(count);
        expect(new Set([...chosen, ...rest])).toEqual(new Set(list));
        for (const part of [chosen, rest]) expect(part).toEqual(list.filter((item) => part.includes(item)));
        expect(splitExamples(list, count, seed)).toEqual({ chosen, rest });
        expect(sampleExamples(list, count, seed)).toEqual(chosen);
      }),
    );
  });

  // From a Python implementation of mulberry32 and the shuffle.
  it.each([
    [0, [1, 9, 12, 13, 25]],
    [7, [0, 4, 27, 35, 48]],
    [-1, [10, 36, 42, 44, 47]],
  ])('draws the same on every machine with seed %i', (seed, expected) => {
    expect(sampleExamples(items, 5, seed)).toEqual(expected);
  });

  it.each([0.5, Number.NaN, Infinity])('refuses seed %d', (seed) => {
    expect(() => sampleExamples(items, 5, seed)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('draws every example equally often', () => {
    const drawn = new Array<number>(50).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const i of sampleExamples(items, 10, seed)) drawn[i]! += 1;
    for (const count of drawn) expect(Math.abs(count - 400)).toBeLessThan(90); // 5 standard deviations
  });

  it('draws differently for another seed', () => {
    expect(sampleExamples(items, 10, 1)).not.toEqual(sampleExamples(items, 10, 2));
  });

  it.each([51, -1, 2.5])('refuses to draw %d of 50', (count) => {
    expect(() => sampleExamples(items, count, 0)).toThrow(/from 0 to 50/);
  });
});
