/** Schedules with known counts: given ones and constant ratios. */

import { PatchslimError } from '@patchslim/tensor';
import { tokenCount, traceTokens, vitConfig, type VitConfig } from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptBy, range, tinyConfig, toyCost, toyOracle } from '../test/toy.js';
import {
  budgetCounts,
  everyNth,
  budgetSchedule,
  constantSchedule,
  countsSchedule,
  figure5Counts,
  isTooSmallBudget,
  keepRatioSchedule,
  planByCounts,
  ratioCounts,
  topDownSchedule,
} from './index.js';

const distilled: VitConfig = { ...tinyConfig, prefix: ['class', 'distillation'] };
const flat = (config: VitConfig) => range(config.depth).map(() => range(tokenCount(config)).map(() => 1));

/** Either model, with any scores (including ties) and any counts that fall towards the output. */
const cases = fc.constantFrom(tinyConfig, distilled).chain((config) => {
  const tokens = tokenCount(config);
  const prefix = tokens - 9;
  return fc.record({
    config: fc.constant(config),
    scores: fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: tokens, maxLength: tokens }), {
      minLength: config.depth,
      maxLength: config.depth,
    }),
    counts: fc
      .tuple(fc.integer({ min: prefix, max: tokens }), fc.integer({ min: prefix, max: tokens }))
      .map(([a, b]) => [Math.max(a, b), Math.min(a, b), prefix]),
  });
});

describe('planByCounts', () => {
  it('keeps exactly the given counts, nested, the best scores first, ties by position', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ config, scores, counts }) => {
        const tokens = tokenCount(config);
        const { plan } = await planByCounts(toyOracle({ config, scores }), counts);
        const kept = plan.map((block) => keptBy(block, tokens));
        expect(kept.map(({ length }) => length)).toEqual(counts);
        expect(kept.at(-1)).toEqual(range(tokens - 9));
        expect(() => traceTokens(config, plan)).not.toThrow();
        for (const block of range(config.depth - 1)) {
          expect(plan[block]!.kind).toBe(counts[block] === tokens ? 'dense' : 'keep');
          const deeper = kept[block + 1]!;
          expect(kept[block]).toEqual(expect.arrayContaining([...deeper]));
          expect(kept[block]).toEqual([...kept[block]!].sort((a, b) => a - b));
          const added = kept[block]!.filter((position) => !deeper.includes(position));
          const left = range(tokens).filter((position) => !kept[block]!.includes(position));
          const row = scores[block]!;
          for (const a of added) {
            for (const l of left) expect(row[a]! > row[l]! || (row[a] === row[l] && a < l)).toBe(true);
          }
        }
      }),
    );
  });

  it('asks for scores only where it adds tokens, from the output to the input', async () => {
    const oracle = toyOracle({ config: tinyConfig, scores: flat(tinyConfig) });
    await planByCounts(oracle, [5, 1, 1]);
    expect(oracle.questions).toEqual(['scores 0']);
    await planByCounts(oracle, [6, 5, 1]);
    expect(oracle.questions.slice(1)).toEqual(['scores 1', 'scores 0']);
  });

  it('shows the oracle the deeper blocks slimmed and the others dense', async () => {
    const kinds: string[] = [];
    const toy = toyOracle({ config: tinyConfig, scores: flat(tinyConfig) });
    const oracle: typeof toy = {
      ...toy,
      scores(block, plan) {
        kinds.push(plan.map(({ kind }) => kind).join());
        return toy.scores(block, plan);
      },
    };
    await planByCounts(oracle, [6, 5, 1]);
    expect(kinds).toEqual(['dense,dense,keep', 'dense,keep,keep']);
  });

  it('passes the keys on', async () => {
    const { plan } = await planByCounts(
      toyOracle({ config: tinyConfig, keys: 'all', scores: flat(tinyConfig) }),
      [10, 3, 1],
    );
    expect(plan).toEqual([
      { kind: 'dense' },
      { kind: 'keep', keep: [0, 1, 2], keys: 'all' },
      { kind: 'keep', keep: [0], keys: 'all' },
    ]);
  });

  it("takes the paper's counts for DeiT", async () => {
    const config = vitConfig('deit-small');
    const { plan } = await countsSchedule(figure5Counts).plan(toyOracle({ config, scores: flat(config) }));
    expect(plan.map((block) => keptBy(block, 197).length)).toEqual(figure5Counts);
  });

  it.each([
    ['too few', [10, 1], '3 counts for test, got 2'],
    ['more than there are', [11, 5, 1], 'counts from 1 to 10, got 11,5,1'],
    ['none', [5, 0, 0], 'counts from 1 to 10, got 5,0,0'],
    ['fractions', [5, 2.5, 1], 'counts from 1 to 10'],
    ['no numbers', [Number.NaN, 2, 1], 'counts from 1 to 10'],
    ['growing ones', [5, 6, 1], 'counts that never grow towards the output, got 5,6,1'],
    [
      'patches in the last block',
      [5, 5, 2],
      '1 in the last block, because the classifier reads nothing else, got 5,5,2',
    ],
  ])('refuses counts: %s', async (_, counts, message) => {
    const planned = countsSchedule(counts).plan(toyOracle({ config: tinyConfig, scores: flat(tinyConfig) }));
    await expect(planned).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`counts schedule: expected ${message}`) as string,
    });
  });

  it('requires both prefix tokens of a distilled model in the last block', async () => {
    const oracle = toyOracle({ config: distilled, scores: flat(distilled) });
    await expect(planByCounts(oracle, [11, 5, 3])).rejects.toThrow('expected 2 in the last block');
    expect((await planByCounts(oracle, [11, 5, 2])).plan[2]).toMatchObject({ keep: [0, 1] });
  });

  it('reports progress to its end, and stops at the signal', async () => {
    const oracle = toyOracle({ config: tinyConfig, scores: flat(tinyConfig) });
    const done: string[] = [];
    await planByCounts(oracle, [6, 5, 1], {
      onProgress: (event) => done.push(`${event.done}/${event.total} ${event.unit}`),
    });
    expect(done).toEqual(['1/3 blocks', '2/3 blocks', '3/3 blocks']);
    await expect(planByCounts(oracle, [6, 5, 1], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

describe('ratioCounts', () => {
  it('rounds up, as EViT does: 0.7 at blocks 4, 7 and 10 of DeiT', () => {
    // 196 patches → 138 → 97 → 68, and the class token.
    expect(ratioCounts(vitConfig('deit-small'), 0.7, [3, 6, 9])).toEqual([
      ...[197, 197, 197, 139, 139, 139, 98, 98, 98, 69, 69],
      1,
    ]);
    expect(ratioCounts(vitConfig('deit-small'), 0.5, [3, 6, 9]).slice(2, 11)).toEqual([
      197, 99, 99, 99, 50, 50, 50, 26, 26,
    ]);
  });

  it('applies the share only to patches, not to the prefix tokens of a distilled model', () => {
    expect(ratioCounts(vitConfig('deit-tiny-distilled'), 0.7, [3]).slice(2)).toEqual([
      198,
      ...range(8).map(() => 140),
      2,
    ]);
  });

  it('makes valid counts for every model', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true }),
        fc.uniqueArray(fc.nat(2), { minLength: 1 }),
        fc.constantFrom(tinyConfig, distilled),
        async (ratio, blocks, config) => {
          const oracle = toyOracle({ config, scores: flat(config) });
          const { plan } = await keepRatioSchedule(ratio, blocks).plan(oracle);
          const counts = plan.map((block) => keptBy(block, tokenCount(config)).length);
          expect(counts).toEqual(ratioCounts(config, ratio, blocks));
        },
      ),
    );
  });

  it('knows its counts without an oracle, like given counts', () => {
    expect(keepRatioSchedule(0.5, [1]).counts?.(tinyConfig, () => 1)).toEqual([10, 6, 1]);
    expect(countsSchedule([10, 4, 1]).counts?.(tinyConfig, () => 1)).toEqual([10, 4, 1]);
    expect(() => countsSchedule([4, 10, 1]).counts?.(tinyConfig, () => 1)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    expect(topDownSchedule({ tolerance: 0.1, granularity: 1, norm: 'relative' }).counts).toBeUndefined();
  });

  it('refuses blocks that the model does not have, counted from 1', () => {
    expect(() => ratioCounts(tinyConfig, 0.5, [3])).toThrow('test has blocks 1 to 3, got 4');
    expect(() => ratioCounts(tinyConfig, 0.5, [-1])).toThrow('got 0');
  });
});

describe('constantSchedule', () => {
  it('removes the same number of patches in every block, and leaves one', () => {
    const counts = (r: number) => constantSchedule(r).counts!(vitConfig('deit-tiny'), () => 1);
    expect(counts(13)).toEqual([184, 171, 158, 145, 132, 119, 106, 93, 80, 67, 54, 1]);
    expect(counts(50).slice(2, 6)).toEqual([47, 2, 2, 2]);
    expect(counts(0).slice(0, -1)).toEqual(Array(11).fill(197));
    for (const r of [-1, 0.5, Number.NaN]) expect(() => constantSchedule(r)).toThrow(/whole number/);
  });
});

describe('budgetSchedule', () => {
  const config = vitConfig('deit-tiny');

  it('uses the whole budget and no more, with counts that fall from the third block on', () => {
    for (const share of [0.3, 0.4, 0.5, 0.75, 1]) {
      const counts = budgetSchedule(share).counts!(config, toyCost(config));
      expect(counts.slice(0, 2)).toEqual([197, 197]);
      expect(counts.at(-1)).toBe(1);
      for (const [block, count] of counts.entries()) {
        const before = counts[block - 1] ?? 197;
        expect(count).toBeLessThanOrEqual(before);
        if (block < 11) expect(count - 1).toBeGreaterThanOrEqual(Math.ceil((before - 1) / 2));
      }
      const cost = toyCost(config)(counts);
      expect(cost).toBeLessThanOrEqual(share);
      if (share < 0.9) expect(cost).toBeGreaterThan(share - 0.02);
    }
  });

  /** Blocks that remove patches. */
  const fallsOf = (counts: readonly number[]) =>
    counts.flatMap((count, block) => (count < (counts[block - 1] ?? 197) ? [block] : []));

  it('removes patches in fewer blocks for methods that prefer it, where each can leave two thirds', () => {
    for (const share of [0.5, 0.6, 0.8]) {
      const counts = budgetSchedule(share).counts!(config, toyCost(config), true);
      expect(fallsOf(counts)).toEqual([3, 4, 5, 7, 9, 11]);
      const cost = toyCost(config)(counts);
      expect(cost).toBeLessThanOrEqual(share);
      expect(cost).toBeGreaterThan(share - 0.02);
    }
    const same = (share: number, network: VitConfig) => {
      const of = (fewBlocks: boolean) => budgetSchedule(share).counts!(network, toyCost(network), fewBlocks);
      expect(of(true)).toEqual(of(false));
    };
    for (const share of [0.3, 0.4]) same(share, config); // each of few blocks would remove more
    same(0.6, { ...config, depth: 11 });
  });

  it('removes patches in every n-th block on request', () => {
    const counts = budgetCounts(config, 0.6, toyCost(config), everyNth(3));
    expect(fallsOf(counts)).toEqual([2, 5, 8, 11]);
    expect(toyCost(config)(counts)).toBeLessThanOrEqual(0.6);
  });

  it('applies a time budget to the given cost function', () => {
    const ms = (counts: readonly number[]) => 10 * toyCost(config)(counts);
    expect(budgetSchedule(5, 'native').counts!(config, ms)).toEqual(
      budgetSchedule(0.5).counts!(config, toyCost(config)),
    );
  });

  it('selects in fewer blocks when selection itself takes time', () => {
    const msWith = (price: number) => (counts: readonly number[]) => {
      const selecting = counts.slice(0, -1).filter((count, block) => count < (counts[block - 1] ?? 197));
      return 10 * toyCost(config)(counts) + price * selecting.length;
    };
    const falls = (price: number, schedule = budgetSchedule(6, 'native')) => {
      const counts = schedule.counts!(config, msWith(price));
      expect(msWith(price)(counts)).toBeLessThanOrEqual(6);
      return counts.slice(0, -1).filter((count, block) => count < (counts[block - 1] ?? 197)).length;
    };
    expect(falls(0)).toBe(9);
    expect(falls(0.2)).toBeLessThan(6);
  });

  it('passes on an error of the cost function, for every shape', () => {
    // A time budget also tries shapes with fewer selecting blocks, after the first shape.
    let asked = 0;
    const failing = (counts: readonly number[]) => {
      if (++asked > 60) throw new PatchslimError('INVALID_ARGUMENT', 'no cost for these counts');
      return 10 * toyCost(config)(counts);
    };
    expect(() => budgetSchedule(6, 'native').counts!(config, failing)).toThrow('no cost for these counts');
  });

  it('names the smallest possible budget in the error', () => {
    expect(() => budgetSchedule(0.1).counts!(config, toyCost(config))).toThrow(
      /deit-tiny costs 0\.\d+ at least \(dense 1\.000\), got a budget of 0.1; ask for 0\.\d+ or more/,
    );
    const thrownBy = (call: () => unknown): unknown => {
      try {
        return call();
      } catch (error) {
        return error;
      }
    };
    const tooSmall = thrownBy(() => budgetCounts(config, 0.1, toyCost(config)));
    expect(isTooSmallBudget(tooSmall)).toBe(true);
    expect(isTooSmallBudget(thrownBy(() => budgetSchedule(0)))).toBe(false);
    // The named budget works; a slightly smaller one fails.
    const least = leastNamed(() => budgetSchedule(0.1).counts!(config, toyCost(config)));
    expect(budgetSchedule(least).counts!(config, toyCost(config))).toHaveLength(config.depth);
    expect(() => budgetSchedule(least - 0.002).counts!(config, toyCost(config))).toThrow('ask for');
    for (const share of [0, 1.1, Number.NaN])
      expect(() => budgetSchedule(share)).toThrow(/share in \(0, 1\]/);
  });
});

/** The smallest budget, from the error message. */
function leastNamed(use: () => unknown): number {
  try {
    use();
  } catch (error) {
    return Number(/ask for ([\d.]+) or more/.exec(String(error))?.[1]);
  }
  throw new Error('nothing was refused');
}
