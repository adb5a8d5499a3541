/** Published totals of T2T-ViT and LV-ViT, and the shares of stem and patch head. */

import { range } from '@patchslim/tensor';
import {
  densePlan,
  poolOf,
  stemOf,
  tokenCount,
  vitConfig,
  vitConfigs,
  type BlockPlan,
} from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { countForward, vitMacs } from './index.js';

describe.each([
  ['t2t-vit-14', 4_783_468_544],
  ['t2t-vit-t-14', 6_088_721_920],
  ['lv-vit-tiny', 2_868_017_664],
  ['lv-vit-small', 6_551_485_440],
  ['lv-vit-medium', 12_678_045_696],
])('%s', (name, macs) => {
  const config = vitConfig(name);
  const counted = countForward(config);

  it(`has ${macs} MACs`, () => {
    expect(counted.macs).toBe(macs);
    expect(vitMacs(config).total).toBe(macs);
  });

  it('has a stem of as many MACs as its formula gives', () => {
    expect(counted.byPart['embed']!.macs).toBe(stemOf(config).macs(config));
  });

  it('has a head for the patches of as many MACs as its formula gives', () => {
    expect(counted.byPart['aux_head']?.macs ?? 0).toBe(poolOf(config).macs(config, tokenCount(config)));
  });
});

it.each([
  ['lv-vit-small', 6_476_221_440],
  ['lv-vit-medium', 12_577_693_696],
])('%s without the head for patches has %i MACs', (name, macs) => {
  expect(countForward({ ...vitConfig(name), pool: 'class' }).macs).toBe(macs);
});

it.each(vitConfigs.map((config) => [config.name, config] as const))(
  'the formula gives the count of %s, dense and with fewer tokens',
  (_, config) => {
    const first = range(Math.ceil(tokenCount(config) / 2));
    const plan = densePlan(config).map((entry, block): BlockPlan =>
      block < 2 ? entry : { kind: 'keep', keep: first, keys: 'compact' },
    );
    expect(vitMacs(config).total).toBe(countForward(config).macs);
    expect(vitMacs(config, plan).total).toBe(countForward(config, { plan }).macs);
  },
);
