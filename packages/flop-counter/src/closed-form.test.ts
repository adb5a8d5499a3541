/** Published and hand-derived totals, compared with the formulas and with counts of the forward pass. */

import {
  densePlan,
  isDistilled,
  losslessPlan,
  prefixPositions,
  tokenCount,
  vitConfig,
  type BlockPlan,
  type Keys,
  type PrefixRole,
  type Reducer,
  type VitConfig,
} from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockMacs } from './closed-form.js';
import { countForward, fvcoreConvention, vitMacs } from './index.js';

/** Kept tokens of the paper's Fig. 5. */
const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1];

/** The first `counts[l]` tokens in block `l`; the cost depends only on their number. */
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

  it('costs the same as the dense model if every token is kept', () => {
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
    prefix: fc.constantFrom<readonly PrefixRole[]>(['class'], ['class', 'distillation']),
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

  it('matches the formula, part by part, for any nested plan', () => {
    fc.assert(
      fc.property(cases, ({ config, plan }) => {
        const closed = vitMacs(config, plan);
        const { macs, byPart } = countForward(config, { plan });
        expect(macs).toBe(closed.total);
        expect(byPart['embed']!.macs).toBe(closed.embed);
        expect(isDistilled(config)).toBe('head_dist' in byPart);
        expect(byPart['head']!.macs + (byPart['head_dist']?.macs ?? 0)).toBe(closed.head);
        expect(closed.blocks.map((_, l) => byPart[`blocks.${l}`]!.macs)).toEqual(closed.blocks);
      }),
    );
  });

  it('adds the cost of a reducer only if it leaves fewer tokens than reach it', () => {
    const reducer: Reducer = {
      ...{ name: 'free', options: {}, phase: 'after-attention', needsAttention: false, merges: false },
      least: () => 1,
      reduce: () => expect.unreachable(),
      macs: ({ width }, rowsIn, rowsOut) => width * (rowsIn - rowsOut),
    };
    const config = vitConfig('deit-tiny');
    const plan = densePlan(config);
    plan[1] = { kind: 'reduce', count: 97, reducer };
    plan[2] = { kind: 'reduce', count: 97, reducer };
    const { reducing, blocks } = vitMacs(config, plan);
    expect(reducing).toEqual([0, 192 * 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const own = blockMacs(config, { input: 197, attending: 197, kept: 97 });
    expect(blocks[1]).toBe(own + 192 * 100);
  });

  it('refuses a plan of the wrong depth', () => {
    const config = vitConfig('deit-tiny');
    const plan = densePlan(config).slice(1);
    for (const count of [() => vitMacs(config, plan), () => countForward(config, { plan })]) {
      expect(count).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    }
  });
});
