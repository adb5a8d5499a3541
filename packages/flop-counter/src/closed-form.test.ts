/** Published and hand-derived totals, by formula and by counting the forward pass. */

import {
  densePlan,
  losslessPlan,
  prefixPositions,
  tokenCount,
  vitConfig,
  type BlockPlan,
  type Keys,
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
const tome = (count: number): BlockPlan => ({ kind: 'merge', count, merger: { name: 'tome' } });
const ward = (count: number): BlockPlan => ({ kind: 'merge', count, merger: { name: 'ward' } });
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

  it.each([
    ['tome', tome],
    ['ward', ward],
    ['evit', evit],
    ['class attention', (count: number): BlockPlan => ({ ...evit(count), rest: undefined }) as BlockPlan],
  ])('counting finds what the formula says of %s', (_, entry) => {
    for (const name of ['deit-tiny', 'deit-tiny-distilled']) {
      const config = vitConfig(name);
      const extra = tokenCount(config) - 197;
      const counts = [197, 190, 150, 120, 91, 80, 66, 50, 40, 33, 30, 20].map((count) => count + extra);
      const plan = counts.map(entry);
      const closed = vitMacs(config, plan);
      const counted = countForward(config, { plan });
      expect(counted.macs).toBe(closed.total);
      for (const [block, macs] of closed.blocks.entries()) {
        expect(counted.byPart[`blocks.${block}`]!.macs).toBe(macs);
      }
    }
  });
});
