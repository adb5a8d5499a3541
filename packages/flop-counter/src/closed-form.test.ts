/** Published and hand-derived totals, by formula and by counting the forward pass. */

import {
  densePlan,
  losslessPlan,
  prefixPositions,
  tokenCount,
  vitConfig,
  type BlockPlan,
  type Keys,
  type Merger,
  type Ranker,
  type VitConfig,
} from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countForward, fvcoreConvention, vitMacs } from './index.js';

/** Kept tokens of the paper's Fig. 5. */
const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1];

/** The first `counts[l]` tokens in block `l`: which ones makes no difference to the cost. */
function firstTokens(counts: readonly number[], keys: Keys): BlockPlan[] {
  return counts.map((count) => ({ kind: 'keep', keep: Array.from({ length: count }, (_, i) => i), keys }));
}

describe('dense models', () => {
  it.each([
    ['deit-tiny', 1_253_683_200, 1_258_411_200, 102_049_152],
    ['deit-small', 4_598_882_304, 4_608_338_304, 378_391_296],
    ['deit-base', 17_563_828_224, 17_582_740_224, 1_453_954_560],
    ['deit-base-384', 55_484_350_464, 55_539_742_464, undefined],
    ['deit-tiny-distilled', 1_261_003_776, 1_265_755_776, undefined],
    ['deit-small-distilled', 4_624_140_288, 4_633_644_288, undefined],
    ['deit-base-distilled', 17_656_811_520, 17_675_819_520, undefined],
    ['vit-tiny', 1_253_683_200, 1_258_411_200, 102_049_152],
    ['vit-small', 4_598_882_304, 4_608_338_304, 378_391_296],
    ['vit-base', 17_563_828_224, 17_582_740_224, 1_453_954_560],
    ['vit-large', 61_554_712_576, 61_604_135_936, 2_558_314_496],
  ])('%s has %i MACs, %i by fvcore', (name, macs, fvcore, perBlock) => {
    const config = vitConfig(name);
    const closed = vitMacs(config);
    const counted = countForward(config);
    expect(closed.total).toBe(macs);
    expect(counted.macs).toBe(macs);
    expect(countForward(config, { convention: fvcoreConvention }).macs).toBe(fvcore);
    expect(new Set(closed.blocks).size).toBe(1);
    expect(counted.byPart['blocks.0']!.macs).toBe(closed.blocks[0]);
    if (perBlock !== undefined) expect(closed.blocks[0]).toBe(perBlock);
  });
});

describe('slimmed models', () => {
  it.each([
    ['deit-tiny', 'compact', 631_784_448],
    ['deit-small', 'compact', 2_328_496_128],
    ['deit-base', 'compact', 8_916_701_184],
    ['deit-tiny', 'all', 723_647_616],
    ['deit-small', 'all', 2_659_236_096],
    ['deit-base', 'all', 10_166_235_648],
  ] as const)("%s with the counts of the paper's Fig. 5, keys %s, has %i MACs", (name, keys, macs) => {
    const config = vitConfig(name);
    const plan = firstTokens(figure5, keys);
    expect(vitMacs(config, plan).total).toBe(macs);
    expect(countForward(config, { plan }).macs).toBe(macs);
  });

  it('saves 6.9 % of DeiT-Ti by computing only the class token in the last block', () => {
    const config = vitConfig('deit-tiny');
    const { total, blocks } = vitMacs(config, losslessPlan(config));
    expect(total).toBe(1_166_602_752);
    expect((100 * (1 - total / vitMacs(config).total)).toFixed(1)).toBe('6.9');
    expect(countForward(config, { plan: losslessPlan(config) }).macs).toBe(total);
    expect(blocks[11]).toBe(14_968_704);
  });

  it('costs what a dense one does when every token is kept', () => {
    const config = vitConfig('deit-tiny');
    expect(vitMacs(config, firstTokens(Array<number>(12).fill(197), 'all'))).toEqual(vitMacs(config));
  });

  const configs: fc.Arbitrary<VitConfig> = fc.record({
    name: fc.constant('small'),
    imageSize: fc.constantFrom(8, 12, 16),
    patchSize: fc.constantFrom(2, 4),
    width: fc.constantFrom(12, 24),
    depth: fc.integer({ min: 1, max: 5 }),
    heads: fc.constantFrom(1, 2, 3),
    mlpWidth: fc.integer({ min: 1, max: 50 }),
    classes: fc.integer({ min: 1, max: 20 }),
    distilled: fc.boolean(),
    layerNormEps: fc.constant(1e-6),
  });
  const cases = configs.chain((config) => {
    const prefix = prefixPositions(config);
    const patches = tokenCount(config) - prefix.length;
    const entry = fc.record({
      dense: fc.boolean(),
      count: fc.nat(patches),
      keys: fc.constantFrom('compact' as const, 'all' as const),
    });
    const order = fc.shuffledSubarray(
      Array.from({ length: patches }, (_, i) => i + prefix.length),
      { minLength: patches },
    );
    return fc
      .tuple(order, fc.array(entry, { minLength: config.depth, maxLength: config.depth }))
      .map(([shuffled, entries]) => {
        const counts = entries.map(({ count }) => count).sort((a, b) => b - a);
        const plan = entries.map(({ dense, keys }, l): BlockPlan => {
          return dense
            ? { kind: 'dense' }
            : { kind: 'keep', keep: [...prefix, ...shuffled.slice(0, counts[l])], keys };
        });
        return { config, plan };
      });
  });

  it('counts what the formula says, part by part, for any nested plan', () => {
    fc.assert(
      fc.property(cases, ({ config, plan }) => {
        const closed = vitMacs(config, plan);
        const { macs, byPart } = countForward(config, { plan });
        expect(macs).toBe(closed.total);
        expect(byPart['embed']!.macs).toBe(closed.embed);
        expect(config.distilled).toBe('head_dist' in byPart);
        expect(byPart['head']!.macs + (byPart['head_dist']?.macs ?? 0)).toBe(closed.head);
        expect(closed.blocks.map((_, l) => byPart[`blocks.${l}`]!.macs)).toEqual(closed.blocks);
      }),
    );
  });

  it('counts one multiply-accumulate per weight of a predictor and token that it ranks', () => {
    const config = vitConfig('deit-tiny');
    const ranker = {
      name: 'predictor',
      positions: Array<number>(197).fill(0),
      weights: Array<number>(48).fill(1),
    } as const;
    const ranked = figure5.map((count, block): BlockPlan => {
      const before = figure5[block - 1] ?? 197;
      if (count === 1) return { kind: 'keep', keep: [0], keys: 'compact' };
      return count === before ? { kind: 'dense' } : { kind: 'rank', count, ranker };
    });
    const reached = ranked.map((entry, block) => (entry.kind === 'rank' ? figure5[block - 1]! : 0));
    const extra = 48 * reached.reduce((sum, tokens) => sum + tokens, 0);
    expect(extra).toBe(48 * 953);
    expect(vitMacs(config, ranked).total).toBe(631_784_448 + extra);
    const counted = countForward(config, { plan: ranked });
    expect(counted.macs).toBe(631_784_448 + extra);
    expect(vitMacs(config, ranked).blocks).toEqual(
      figure5.map((_, block) => counted.byPart[`blocks.${block}`]!.macs),
    );
  });

  it('refuses a plan for another depth', () => {
    const config = vitConfig('deit-tiny');
    const plan = densePlan(config).slice(1);
    for (const count of [() => vitMacs(config, plan), () => countForward(config, { plan })]) {
      expect(count).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    }
  });
});

/** One entry for each block, of the counts that leave it. */
const entries = (counts: readonly number[], entry: (count: number) => BlockPlan): BlockPlan[] =>
  counts.map((count, block) => (count === (counts[block - 1] ?? 197) ? { kind: 'dense' } : entry(count)));
const merge =
  (merger: Merger) =>
  (count: number): BlockPlan => ({ kind: 'merge', count, merger });
const rank =
  (name: Exclude<Ranker['name'], 'predictor'>) =>
  (count: number): BlockPlan => {
    return { kind: 'rank', count, ranker: { name } };
  };
const tome = merge({ name: 'tome' });
const evit = (count: number): BlockPlan => ({
  kind: 'rank',
  count,
  ranker: { name: 'class-attention' },
  rest: 'fuse',
});

/** Published schedules: what each block leaves of 197 tokens. */
const constant = (r: number) => Array.from({ length: 12 }, (_, block) => Math.max(197 - r * (block + 1), 1));
function evitCounts(keep: number): number[] {
  let tokens = 197;
  return Array.from({ length: 12 }, (_, block) => {
    if ([3, 6, 9].includes(block)) tokens = 1 + Math.ceil(keep * (tokens - 1)) + 1;
    return tokens;
  });
}

describe('published methods', () => {
  // As published, without what it takes to choose tokens.
  it.each<[string, number[], (count: number) => BlockPlan, number, number, number]>([
    ['ToMe, r = 8', constant(8), tome, 0.9244, 3.4165, 13.1039],
    ['ToMe, r = 10', constant(10), tome, 0.8459, 3.1286, 12.0045],
    ['ToMe, r = 13', constant(13), tome, 0.7312, 2.7027, 10.367],
    ['EViT, 0.9', evitCounts(0.9), evit, 1.092, 4.0219, 15.3953],
    ['EViT, 0.7', evitCounts(0.7), evit, 0.8207, 3.0293, 11.61],
    ['EViT, 0.5', evitCounts(0.5), evit, 0.6292, 2.3088, 8.8196],
  ])('%s', (_, counts, entry, ...published) => {
    for (const [i, name] of ['deit-tiny', 'deit-small', 'deit-base'].entries()) {
      const { total, choosing } = vitMacs(vitConfig(name), entries(counts, entry));
      const macs = total - choosing.reduce((a, b) => a + b, 0);
      expect((macs / 1e9).toFixed(4)).toBe(published[i]!.toFixed(4));
    }
  });

  // Learned numbers of tokens behind dropping and behind merging: attention at the numbers before, MLP at those behind.
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
      return { kind: 'merge', count, merger: { name: 'diffrate', kept: kept[block]! } };
    });
    const { total, choosing } = vitMacs(vitConfig(name), plan);
    const macs = total - choosing.reduce((a, b) => a + b, 0);
    expect((macs / 1e9).toFixed(4)).toBe(published.toFixed(4));
  });

  it.each([
    ['ward', merge({ name: 'ward' })],
    ['pool', merge({ name: 'pool' })],
    ['tome', tome],
    ['pitome', merge({ name: 'pitome', margin: 0.9 })],
    ['mctf', merge({ name: 'mctf' })],
    ['tps', merge({ name: 'tps' })],
    [
      'diffrate without dropping',
      (count: number, before: number) => merge({ name: 'diffrate', kept: before })(count),
    ],
    ['diffrate', (count: number) => merge({ name: 'diffrate', kept: count + 1 })(count)],
    ['diffrate without merging', (count: number) => merge({ name: 'diffrate', kept: count })(count)],
    ['zero-tprune', merge({ name: 'zero-tprune', iterations: 5 })],
    ['evit', evit],
    ['class attention', rank('class-attention')],
    ['global class attention', rank('global-class-attention')],
    ['sampled attention', rank('sampled-attention')],
    ['attention received', rank('attention-received')],
  ] as const)('counting finds what the formula says of %s', (_, entry) => {
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
});
