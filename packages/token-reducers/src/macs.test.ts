/** Cost of reducers: published totals, and each formula against the operations counted in the forward pass. */

import { runTimeScores, type ScoreData } from '@patchslim/importance-estimators';
import { countForward, vitMacs } from '@patchslim/flop-counter';
import { tokenCount, vitConfig, type BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { pairCases, type EntryOf } from '../test/cases.js';
import { keepTop, reduce } from '../test/entries.js';

/** Kept tokens of the paper's Fig. 5. */
const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1];

/** One plan entry per block, from the counts that leave it. */
const entries = (counts: readonly number[], entry: (count: number) => BlockPlan): BlockPlan[] =>
  counts.map((count, block) => (count === (counts[block - 1] ?? 197) ? { kind: 'dense' } : entry(count)));
const tome = (count: number) => reduce(count, 'tome');
const evit = (count: number) => keepTop(count, 'fuse');

/** Published schedules: tokens that each block leaves, of 197. */
const constant = (r: number) => Array.from({ length: 12 }, (_, block) => Math.max(197 - r * (block + 1), 1));
function evitCounts(keep: number): number[] {
  let tokens = 197;
  return Array.from({ length: 12 }, (_, block) => {
    if ([3, 6, 9].includes(block)) tokens = 1 + Math.ceil(keep * (tokens - 1)) + 1;
    return tokens;
  });
}

describe('published methods', () => {
  // As published, without the cost of choosing tokens.
  it.each<[string, number[], (count: number) => BlockPlan, number, number, number]>([
    ['ToMe, r = 8', constant(8), tome, 0.9244, 3.4165, 13.1039],
    ['ToMe, r = 10', constant(10), tome, 0.8459, 3.1286, 12.0045],
    ['ToMe, r = 13', constant(13), tome, 0.7312, 2.7027, 10.367],
    ['EViT, 0.9', evitCounts(0.9), evit, 1.092, 4.0219, 15.3953],
    ['EViT, 0.7', evitCounts(0.7), evit, 0.8207, 3.0293, 11.61],
    ['EViT, 0.5', evitCounts(0.5), evit, 0.6292, 2.3088, 8.8196],
  ])('%s', (_, counts, entry, ...published) => {
    for (const [i, name] of ['deit-tiny', 'deit-small', 'deit-base'].entries()) {
      const { total, reducing } = vitMacs(vitConfig(name), entries(counts, entry));
      const macs = total - reducing.reduce((a, b) => a + b, 0);
      expect((macs / 1e9).toFixed(4)).toBe(published[i]!.toFixed(4));
    }
  });

  // Learned numbers of tokens after dropping and after merging: attention uses the numbers before, the MLP those
  // after.
  it.each([
    [
      'deit-small',
      '197,196,190,168,150,139,129,117,99,78,58,3',
      '197,194,176,156,141,133,121,107,88,64,56,3',
      2.905,
    ],
    [
      'deit-small',
      '197,192,168,143,121,105,92,74,62,45,33,3',
      '197,180,156,127,109,98,80,66,52,37,31,3',
      2.3269,
    ],
    [
      'deit-tiny',
      '197,196,194,180,150,123,98,82,68,60,52,3',
      '197,196,192,158,133,103,88,72,64,58,49,3',
      0.7264,
    ],
    [
      'deit-base',
      '197,197,197,188,170,154,139,123,107,72,43,3',
      '197,197,192,178,158,145,127,111,94,50,35,3',
      11.5166,
    ],
  ])('DiffRate on %s', (name, dropped, merged, published) => {
    const [kept, counts] = [dropped, merged].map((list) => list.split(',').map(Number)) as [
      number[],
      number[],
    ];
    const plan = counts.map((count, block): BlockPlan => {
      if (count === (counts[block - 1] ?? 197)) return { kind: 'dense' };
      return reduce(count, 'diffrate', { kept: kept[block]! });
    });
    const { total, reducing } = vitMacs(vitConfig(name), plan);
    const macs = total - reducing.reduce((a, b) => a + b, 0);
    expect((macs / 1e9).toFixed(4)).toBe(published.toFixed(4));
  });
});

describe('the formula of a reducer', () => {
  it.each([
    ...pairCases,
    ...runTimeScores.flatMap(({ name }): [string, EntryOf][] =>
      name === 'predictor'
        ? []
        : [
            [name, (count) => keepTop(count, undefined, name)],
            [`${name}, fusing`, (count) => keepTop(count, 'fuse', name)],
          ],
    ),
  ])('equals the counted operations of %s', (_, entry) => {
    for (const name of ['deit-tiny', 'deit-tiny-distilled']) {
      const config = vitConfig(name);
      const extra = tokenCount(config) - 197;
      const counts = [197, 190, 150, 120, 91, 80, 66, 50, 40, 33, 30, 20].map((count) => count + extra);
      const plan = counts.map((count, i): BlockPlan => {
        const before = counts[i - 1] ?? 197 + extra;
        return count === before ? { kind: 'dense' } : entry(count, before);
      });
      const closed = vitMacs(config, plan);
      const counted = countForward(config, { plan });
      expect(counted.macs).toBe(closed.total);
      for (const [block, macs] of closed.blocks.entries()) {
        expect(counted.byPart[`blocks.${block}`]!.macs).toBe(macs);
      }
    }
  });

  it('counts one multiply-accumulate per predictor weight and ranked token', () => {
    const config = vitConfig('deit-tiny');
    const score: ScoreData = {
      name: 'predictor',
      positions: Array<number>(197).fill(0),
      weights: Array<number>(48).fill(1),
    };
    const ranked = figure5.map((count, block): BlockPlan => {
      const before = figure5[block - 1] ?? 197;
      if (count === 1) return { kind: 'keep', keep: [0], keys: 'compact' };
      return count === before ? { kind: 'dense' } : reduce(count, 'top-k', { score });
    });
    const reached = ranked.map((entry, block) => (entry.kind === 'reduce' ? figure5[block - 1]! : 0));
    const extra = 48 * reached.reduce((sum, tokens) => sum + tokens, 0);
    expect(extra).toBe(48 * 953);
    expect(vitMacs(config, ranked).total).toBe(631_784_448 + extra);
    const counted = countForward(config, { plan: ranked });
    expect(counted.macs).toBe(631_784_448 + extra);
    expect(vitMacs(config, ranked).blocks).toEqual(
      figure5.map((_, block) => counted.byPart[`blocks.${block}`]!.macs),
    );
  });
});
