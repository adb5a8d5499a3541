/** Sizes and corners; whole pixels are compared in preprocess-configs.test.ts. */

import { describe, expect, it } from 'vitest';
import { small } from '../test/preprocessing.js';
import { cropGeometry } from './geometry.js';

const of = (change: Partial<typeof small>) => ({ ...small, height: 24, width: 24, ...change });

it.each([
  [100, 50, [24, 12], [24, 12]],
  [50, 101, [12, 24], [11, 24]], // 11.88
  [7, 5, [24, 17], [24, 17]], // 17.14
  [1000, 1, [24, 1], [24, 1]], // not 0
])(
  'the longest side of %d × %d pixels: rounded as timm, cut as transformers',
  (width, height, even, down) => {
    const sizeWith = (rounding: 'even' | 'down') => {
      const geometry = cropGeometry(width, height, of({ resize: { to: 'longest', size: 24 }, rounding }));
      return [geometry.width, geometry.height];
    };
    expect(sizeWith('even')).toEqual(even);
    expect(sizeWith('down')).toEqual(down);
  },
);

describe('a margin of half a pixel', () => {
  const from = (width: number, rounding: 'even' | 'down') =>
    cropGeometry(width, 24, of({ resize: { to: 'none' }, rounding })).left;

  it.each([
    [27, 2, 1], // 1.5
    [25, 0, 0], // 0.5
    [23, 0, -1], // -0.5: one column is missing
    [21, -1, -2],
    [22, -1, -1],
  ])('in a width of %d: %d as torchvision, %d as transformers', (width, even, down) => {
    expect(from(width, 'even') + 0).toBe(even);
    expect(from(width, 'down')).toBe(down);
  });
});
