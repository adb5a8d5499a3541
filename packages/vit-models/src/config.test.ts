import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedSwitches, isSwitchValue, tokenCount, withClasses, withImageSize } from './config.js';
import { vitConfig, vitConfigs, vitPreset, vitPresets } from './presets.js';
import { parameterCount } from './spec.js';

/** Shorter side after the resize. */
function sideOf(name: string): number {
  const { resize } = vitPreset(name).preprocessing;
  return resize.to === 'shortest' ? resize.size : NaN;
}

describe('vitConfigs', () => {
  it.each([
    ['deit-tiny', 197, 5_717_416],
    ['deit-small', 197, 22_050_664],
    ['deit-base', 197, 86_567_656],
    ['vit-tiny', 197, 5_717_416],
    ['vit-large', 197, 304_326_632],
    ['deit-tiny-distilled', 198, 5_910_800],
    ['deit-small-distilled', 198, 22_436_432],
    ['deit-base-distilled', 198, 87_338_192],
    ['deit-base-384', 577, 86_859_496],
  ])('%s has %i tokens and %i parameters', (name, tokens, parameters) => {
    expect(tokenCount(vitConfig(name))).toBe(tokens);
    expect(parameterCount(vitConfig(name))).toBe(parameters);
  });

  it('has unique names, heads that divide the width, and preprocessing that gives the image size', () => {
    expect(new Set(vitPresets.map((preset) => preset.name)).size).toBe(vitPresets.length);
    for (const { name, config, preprocessing } of vitPresets) {
      expect(config.name).toBe(name);
      expect(config.width % config.heads).toBe(0);
      expect([preprocessing.height, preprocessing.width]).toEqual([config.imageSize, config.imageSize]);
      if (preprocessing.crop) expect(sideOf(name)).toBeGreaterThanOrEqual(config.imageSize);
    }
  });

  it('takes distilled as short for a prefix', () => {
    const short = { ...vitConfig('deit-tiny'), distilled: true };
    expect(changedSwitches(short)).toEqual({ prefix: ['class', 'distillation'] });
    expect(tokenCount(short)).toBe(198);
    expect(tokenCount({ ...short, prefix: ['class'] })).toBe(197);
  });

  it('resizes as the published evaluations do', () => {
    expect(sideOf('deit-tiny')).toBe(256);
    expect(sideOf('deit-base-384')).toBe(438);
    expect(sideOf('vit-base')).toBe(248);
    expect(sideOf('vit-base-384')).toBe(384);
  });

  it('names near matches of an unknown name', () => {
    expect(() => vitConfig('deit_tiny')).toThrow(/unknown model 'deit_tiny'.*deit-tiny/);
  });

  it('changes classes and image size, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...vitConfigs),
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 1, max: 99 }),
        (config, n, grid) => {
          expect(withClasses(config, n)).toEqual({ ...config, classes: n });
          const imageSize = config.patchSize * grid;
          expect(withImageSize(config, imageSize)).toEqual({ ...config, imageSize });
        },
      ),
    );
  });

  it.each([0, -1, 1.5, NaN])('refuses %d classes', (classes) => {
    expect(() => withClasses(vitConfig('deit-tiny'), classes)).toThrow(/withClasses: expected classes > 0/);
  });

  it('refuses an image size that patches do not fill', () => {
    expect(() => withImageSize(vitConfig('deit-tiny'), 230)).toThrow(
      /multiple of the patch size 16, got 230/,
    );
  });
});

it.each([
  [[], true],
  [['register', 'register', 'class'], true],
  [['class', 'distillation', 'register'], true],
  [['class', 'class'], false],
  [['register', 'class', 'register'], false],
  [['class', 'mask'], false],
  ['class', false],
])('prefix tokens %j can be: %s', (prefix, possible) => {
  expect(isSwitchValue('prefix', prefix)).toBe(possible);
});
