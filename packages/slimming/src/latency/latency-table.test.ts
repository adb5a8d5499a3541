/** Network times from block times. */

import { budgetCounts } from '@patchslim/slimming-schedules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { config } from '../../test/small-model.js';
import {
  interpolate,
  latencyOf,
  measuredShares,
  type LatencyRow,
  type LatencyTable,
} from './latency-table.js';
import { risingFit } from './rising-fit.js';

/** A block takes 1 ms per ten tokens that reach it, the last block half of that, and a selecting block 0.1 ms more. */
const row = (tokens: number): LatencyRow => ({
  tokens,
  dense: tokens / 10,
  last: tokens / 20,
  selecting: measuredShares.map(() => tokens / 10 + 0.1),
});
const table: LatencyTable = {
  prefix: 1,
  batch: 1,
  full: row(17),
  fewer: [row(3), row(9), row(16)],
  dense: 7,
  rest: 0.2,
  scale: 1,
  spread: 0.05,
};

describe('latencyOf', () => {
  const msOf = latencyOf(table);

  it('adds up the blocks and the rest', () => {
    expect(msOf([17, 17, 17, 17])).toBeCloseTo(0.2 + 4 * 1.7);
    expect(msOf([17, 17, 17, 1])).toBeCloseTo(0.2 + 3 * 1.7 + 0.85);
    // Dense with 17; selects from 17; selects from 12; last with 9.
    expect(msOf([17, 12, 9, 1])).toBeCloseTo(0.2 + 1.7 + 1.8 + 1.3 + 0.45);
    expect(msOf([17, 12, 12, 1])).toBeCloseTo(0.2 + 1.7 + 1.8 + 1.2 + 0.6);
  });

  it('scales the blocks to their joint time', () => {
    expect(latencyOf({ ...table, scale: 0.5 })([17, 17, 17, 17])).toBeCloseTo(0.2 + 2 * 1.7);
  });

  it('uses the times of the smallest measured number of tokens for fewer tokens', () => {
    expect(msOf([17, 9, 5, 2]) - msOf([17, 9, 5, 5])).toBeCloseTo(0.1);
    expect(msOf([17, 3, 2, 2])).toBeCloseTo(0.2 + 1.7 + 1.8 + 0.4 + 0.3);
  });

  it('never predicts a shorter time for more tokens in dense blocks, even with noise', () => {
    const noise = fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.tuple(noise, noise, noise), (times) => {
        const fewer = times.map(([dense, last, ...selecting], i) => {
          return { tokens: 3 + 6 * i, dense: dense!, last: last!, selecting };
        });
        const noisy = latencyOf({ ...table, fewer });
        const dense = Array.from(
          { length: 15 },
          (_, i) => noisy([17, i + 2, i + 2, i + 2]) - noisy([17, i + 2]),
        );
        // Differences of sums: equal times differ in the last digit.
        for (const [i, time] of dense.slice(1).entries()) expect(time).toBeGreaterThan(dense[i]! - 1e-9);
      }),
    );
  });

  it('is a cost function for a budget', () => {
    const counts = budgetCounts(config, 5, msOf);
    expect(msOf(counts)).toBeLessThanOrEqual(5);
    expect(msOf(counts)).toBeGreaterThan(4.5);
    expect(() => budgetCounts(config, 1, msOf)).toThrow(
      /costs .* at least \(dense 7\.000\), got a budget of 1/,
    );
  });
});

it('interpolate is exact at its points, linear between, constant beyond', () => {
  const at = (x: number) => interpolate([1, 3, 4], [10, 20, 0], x);
  expect([0, 1, 2, 3, 3.5, 4, 9].map(at)).toEqual([10, 10, 15, 20, 10, 0, 0]);
});

describe('risingFit', () => {
  it('keeps rising values, and pools falling ones', () => {
    expect(risingFit([1, 2, 2, 5])).toEqual([1, 2, 2, 5]);
    expect(risingFit([1, 4, 2, 5])).toEqual([1, 3, 3, 5]);
    expect(risingFit([3, 2, 1])).toEqual([2, 2, 2]);
  });

  it('rises, keeps the mean, and is the closest rising sequence', () => {
    const values = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, values, (noisy, other) => {
        const fit = risingFit(noisy);
        const distance = (to: readonly number[]) =>
          noisy.reduce((sum, value, i) => sum + (value - to[i]!) ** 2, 0);
        const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
        for (let i = 1; i < fit.length; i++) expect(fit[i]).toBeGreaterThanOrEqual(fit[i - 1]! - 1e-12);
        expect(sum(fit)).toBeCloseTo(sum(noisy));
        const rising = noisy.map((_, i) => other[i % other.length]!).sort((a, b) => a - b);
        expect(distance(fit)).toBeLessThanOrEqual(distance(rising) + 1e-9);
      }),
    );
  });
});
