import { shareInterval } from '@patchslim/slimming';
import { describe, expect, test } from 'vitest';
import {
  differenceWithin,
  integer,
  macsFormat,
  percentWithin,
  plural,
  signed,
  speedupWithin,
} from './numbers.js';

describe('numbers', () => {
  test.each([
    [1_253_683_200, 'GMACs', '1.254'],
    [17_563_828_224, 'GMACs', '17.56'],
    [101_980_000, 'MMACs', '102.0'],
    [4_096, 'kMACs', '4.096'],
    [12, 'MACs', '12'],
  ])('macsFormat(%d)', (macs, unit, text) => {
    const format = macsFormat(macs);
    expect(format.unit).toBe(unit);
    expect(format.format(macs)).toBe(text);
  });

  test('a smaller count is written in the unit of the largest', () => {
    expect(macsFormat(1_253_683_200).format(631_784_448)).toBe('0.632');
  });

  test('signs, thousands and plurals', () => {
    expect([signed(0.31), signed(-1.25), signed(-0.04)]).toEqual(['+0.3', '−1.3', '±0.0']);
    expect(integer(12_345.6)).toBe('12,346');
    expect([plural(1, 'token'), plural(197, 'token')]).toEqual(['1 token', '197 tokens']);
  });
});

describe('percentWithin', () => {
  test('writes the interval where it is wider than a point on either side', () => {
    expect(percentWithin(100, shareInterval(100, 5))).toBe('100.0 % (56.6–100.0)');
    expect(percentWithin(79.3, shareInterval(79.3, 744))).toBe('79.3 % (76.2–82.1)');
    expect(percentWithin(79.3, shareInterval(79.3, 50_000))).toBe('79.3 %');
    expect(percentWithin(79.3, [78.9, 79.7])).toBe('79.3 %');
  });

  test('writes no interval where there is none, and a dash where there is no share', () => {
    expect(percentWithin(79.3, undefined)).toBe('79.3 %');
    expect(percentWithin(undefined, undefined)).toBe('–');
  });
});

test('a difference comes with its interval, and a speed-up with its quartiles, where there are such', () => {
  expect(differenceWithin({ mean: -1.4, interval: [-2.6, -0.2] })).toBe('−1.4 (−2.6 to −0.2)');
  expect(differenceWithin(undefined)).toBe('');
  expect(speedupWithin(1.35, [1.314, 1.402])).toBe('1.35 × (1.31–1.40)');
  expect(speedupWithin(1.35, undefined)).toBe('1.35 × (1.35–1.35)');
  expect(speedupWithin(undefined, undefined)).toBe('');
});
