/** Order of timed runs, and statistics of their times. */

import { describe, expect, it } from 'vitest';
import { pairRatio, quantile, timeInTurn } from './timing.js';

const settled = Promise.resolve();

describe('timeInTurn', () => {
  it('alternates the order of runs from round to round', async () => {
    const calls: string[] = [];
    const things = ['a', 'b', 'c'].map((name) => () => {
      calls.push(name);
      return settled;
    });
    const rounds: number[] = [];
    const { first, times } = await timeInTurn(things, {
      ...{ runs: 4, where: 'test', onRun: (done: number) => rounds.push(done) },
    });
    expect(calls.join('')).toBe('cba' + 'abc' + 'cba' + 'abc' + 'cba');
    expect(rounds).toEqual([1, 2, 3, 4]);
    expect(first).toHaveLength(3);
    expect(times.map((some) => some.length)).toEqual([4, 4, 4]);
  });

  it('returns times by run and round, with the warm-up times separate', async () => {
    // A fake clock that each run advances by its own time, plus one more each time.
    let clock = 0;
    const things = [100, 200].map((own) => () => {
      clock += own++;
      return settled;
    });
    const timings = await timeInTurn(things, { runs: 3, where: 'test', now: () => clock });
    expect(timings).toEqual({
      first: [100, 200],
      times: [
        [101, 102, 103],
        [201, 202, 203],
      ],
    });
  });

  it('stops at the signal', async () => {
    const controller = new AbortController();
    const timing = timeInTurn([() => settled], {
      ...{ runs: 9, where: 'measure()', signal: controller.signal },
      onRun: (done) => done === 2 && controller.abort(),
    });
    await expect(timing).rejects.toMatchObject({ code: 'ABORTED', message: 'measure(): aborted' });
  });
});

it('the ratio of pairs is not that of their medians', () => {
  // Ratios 2, 0.5, 4, 1, 3.
  expect(pairRatio([10, 2, 12, 7, 9], [5, 4, 3, 7, 3])).toEqual({ ratio: 2, spread: [1, 3] });
});

describe('quantile', () => {
  it.each([
    [[5], 0.5, 5],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[4, 1, 3, 2], 0.25, 1.75],
    [[10, 2, 1], 0.5, 2],
    [[10, 2, 1], 1, 10],
    [[10, 2, 1], 0, 1],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
});
