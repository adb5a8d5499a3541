/** Sizes before and after the crop, as timm computes them: `floor(size / crop_pct)`. */

import { describe, expect, it } from 'vitest';
import { augregPreprocessing, cropFraction, deitPreprocessing, withCrop } from './preprocessing.js';

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

const sized = (crop: number, resize: number) => ({ ...augregPreprocessing(crop, 1), resize });

describe('cropFraction', () => {
  it.each(ofTimm)(
    '%d pixels and crop_pct %d are a shorter side of %d, and back',
    (crop, fraction, resize) => {
      expect(augregPreprocessing(crop, fraction).resize).toBe(resize);
      expect(cropFraction(sized(crop, resize))).toBe(fraction);
    },
  );

  it('gives every shorter side back that it was made of', () => {
    const lost: string[] = [];
    for (let crop = 16; crop <= 640; crop++) {
      for (let resize = crop; resize <= 2 * crop; resize++) {
        if (Math.floor(crop / cropFraction(sized(crop, resize))) !== resize) lost.push(`${crop}/${resize}`);
      }
    }
    expect(lost).toEqual([]);
  });
});

describe('withCrop', () => {
  it.each([
    ['DeiT', deitPreprocessing(224), 384, 438],
    ['DeiT, back', deitPreprocessing(384), 224, 256],
    ['AugReg', augregPreprocessing(224), 384, 426],
    ['AugReg, back', augregPreprocessing(384, 0.9), 224, 248],
    ['no margin', augregPreprocessing(384, 1), 224, 224],
  ])('covers the same part of the image as timm does: %s', (_, preprocessing, crop, resize) => {
    expect(withCrop(preprocessing, crop)).toEqual({ ...preprocessing, crop, resize });
  });
});
