/** Sizes before and after the crop, as timm computes them: `floor(size / crop_pct)`. */

import { describe, expect, it } from 'vitest';
import { cropFraction } from './crop-fraction.js';
import { describePreprocessing } from './describe-preprocessing.js';
import {
  augregPreprocessing,
  deitPreprocessing,
  fullPreprocessing,
  imagenetStatistics,
  withInputSize,
  type Preprocessing,
} from './preprocessing.js';

/** Image size, `crop_pct` and shorter side in configurations of timm, by Python's `floor(size / crop_pct)`. */
const ofTimm = [
  [160, 0.875, 182],
  [224, 0.875, 256],
  [224, 0.9, 248],
  [224, 0.95, 235],
  [224, 0.96, 233],
  [224, 1, 224],
  [240, 0.9, 266],
  [240, 0.95, 252],
  [256, 0.9, 284],
  [256, 0.95, 269],
  [288, 0.95, 303],
  [288, 1, 288],
  [336, 1, 336],
  [378, 0.9, 420],
  [384, 0.9, 426],
  [384, 1, 384],
  [448, 0.95, 471],
  [518, 1, 518],
] as const;

describe('cropFraction', () => {
  it.each(ofTimm)(
    '%d pixels and crop_pct %d are a shorter side of %d, and back',
    (crop, fraction, resize) => {
      expect(augregPreprocessing(crop, fraction).resize).toEqual({ to: 'shortest', size: resize });
      expect(cropFraction(crop, resize)).toBe(fraction);
    },
  );

  it('gives every shorter side back that it was made of', () => {
    const lost: string[] = [];
    for (let crop = 16; crop <= 640; crop++) {
      for (let resize = crop; resize <= 2 * crop; resize++) {
        if (Math.floor(crop / cropFraction(crop, resize)) !== resize) lost.push(`${crop}/${resize}`);
      }
    }
    expect(lost).toEqual([]);
  });
});

describe('withInputSize', () => {
  it.each([
    ['DeiT', deitPreprocessing(224), 384, 438],
    ['DeiT, back', deitPreprocessing(384), 224, 256],
    ['AugReg', augregPreprocessing(224), 384, 426],
    ['AugReg, back', augregPreprocessing(384, 0.9), 224, 248],
    ['no margin', augregPreprocessing(384, 1), 224, 224],
  ])('covers the same part of the image as timm does: %s', (_, preprocessing, crop, resize) => {
    expect(withInputSize(preprocessing, crop)).toEqual({
      ...preprocessing,
      ...{ height: crop, width: crop, resize: { to: 'shortest', size: resize } },
    });
  });

  it('keeps the kind of resize', () => {
    const of = (resize: Preprocessing['resize']) => ({ ...deitPreprocessing(100), resize });
    const sized = (resize: Preprocessing['resize']) => withInputSize(of(resize), 50).resize;
    expect(sized({ to: 'exact', height: 100, width: 120 })).toEqual({ to: 'exact', height: 50, width: 60 });
    expect(sized({ to: 'longest', size: 120 })).toEqual({ to: 'longest', size: 60 });
    expect(sized({ to: 'shortest', size: 100, longest: 200 })).toEqual({
      ...{ to: 'shortest', size: 50, longest: 100 },
    });
    expect(sized({ to: 'none' })).toEqual({ to: 'none' });
  });
});

it.each([
  [
    deitPreprocessing(224),
    'shorter side to 256 (bicubic), centre crop 224 × 224, × 1/255, mean 0.485 0.456 0.406, std 0.229 0.224 0.225',
  ],
  [
    { ...augregPreprocessing(8), resize: { to: 'exact', height: 8, width: 8 }, crop: false, rescale: 1 },
    '8 × 8 whatever the shape (bicubic), no crop, bytes not rescaled, mean 0.5, std 0.5',
  ],
  [
    {
      ...augregPreprocessing(8),
      resize: { to: 'longest', size: 9 },
      interpolation: 'nearest',
      fill: [124, 116, 104],
      rescale: 0.25,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    'longer side to 9 (nearest), centre crop 8 × 8 filled with 124 116 104, × 0.25, not normalised',
  ],
] as const)('is described step by step', (preprocessing, expected) => {
  expect(describePreprocessing(preprocessing)).toBe(expected);
});

it('fullPreprocessing completes the usual steps in short, and leaves others as they are', () => {
  const short = { resize: 256, crop: 224, interpolation: 'bicubic', ...imagenetStatistics } as const;
  expect(fullPreprocessing(short)).toEqual(deitPreprocessing(224));
  const full = augregPreprocessing(384);
  expect(fullPreprocessing(full)).toBe(full);
});
