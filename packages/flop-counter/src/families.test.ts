/** Parameters and multiply-accumulates of every family, against totals worked out from the architectures by hand. */

import { parameterCount, vitConfig, vitConfigs, withImageSize, type VitConfig } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { countForward, vitMacs } from './index.js';

const at = (name: string, imageSize: number): VitConfig => withImageSize(vitConfig(name), imageSize);

/** Position embeddings of the weights' own size; the forward pass at another. */
const fixtures: readonly (readonly [name: string, config: VitConfig, parameters: number, macs: number])[] = [
  ['CLIP B/32', vitConfig('clip-base-32'), 87_849_216, 4_408_811_520],
  ['CLIP B/16', vitConfig('clip-base-16'), 86_192_640, 17_563_453_440],
  ['CLIP L/14', vitConfig('clip-large-14'), 303_966_208, 81_012_768_768],
  ['SigLIP B/16', vitConfig('siglip-base-16'), 92_884_224, 17_708_292_096],
  ['SigLIP2 B/32 at 256', vitConfig('siglip2-base-32'), 94_552_320, 5_743_804_416],
  ['SigLIP so400m/14 at 384', vitConfig('siglip-so400m-14'), 428_225_600, 335_173_224_960],
  ['DINOv2 with registers S/14', vitConfig('dinov2-small-registers'), 22_057_344, 46_882_828_800],
  ['DINOv2 S/14 at 224', at('dinov2-small', 224), 21_628_800, 6_123_561_984],
  ['DINOv3 S/16 at 224', at('dinov3-small', 224), 21_586_944, 4_698_104_832],
  ['DINOv3 S/16 at 256', vitConfig('dinov3-small'), 21_586_944, 6_245_286_912],
  ['DINOv3 S+/16 at 256', vitConfig('dinov3-small-plus'), 28_683_264, 8_092_615_680],
  ['DINOv3 B/16 at 256', vitConfig('dinov3-base'), 85_641_216, 23_574_546_432],
  ['EVA-02 Ti/14', vitConfig('eva02-tiny'), 5_502_144, 1_697_518_080],
  ['EVA-02 S/14', vitConfig('eva02-small'), 21_621_120, 6_123_561_984],
  ['BEiT B/16', vitConfig('beit-base'), 86_530_984, 17_563_828_224],
];

describe.each(fixtures)('%s', (_, config, parameters, macs) => {
  it(`has ${parameters} parameters and ${macs} MACs`, () => {
    expect(parameterCount(config)).toBe(parameters);
    expect(vitMacs(config).total).toBe(macs);
  });
});

it('DINOv2 S/14 has 22 056 192 parameters with the positions of 518 pixels', () => {
  expect(parameterCount(vitConfig('dinov2-small'))).toBe(22_056_192);
});

it.each(vitConfigs)('the formula for $name counts what the forward pass does', (config) => {
  expect(countForward(config).macs).toBe(vitMacs(config).total);
});
