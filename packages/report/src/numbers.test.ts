import { describe, expect, test } from 'vitest';
import {
  fixed,
  formatDifference,
  formatPercent,
  formatSpeedup,
  integer,
  macsFormat,
  plural,
  signed,
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
    expect([fixed(-1.25, 1), fixed(-0.04, 1), fixed(0.081, 4)]).toEqual(['−1.3', '0.0', '0.0810']);
    expect(integer(12_345.6)).toBe('12,346');
    expect([plural(1, 'token'), plural(197, 'token')]).toEqual(['1 token', '197 tokens']);
  });
});

describe('formatPercent', () => {
  test('writes the interval where it reaches more than a point to either side', () => {
    expect(formatPercent(100, [56.57, 100])).toBe('100.0 % (56.6–100.0)');
    expect(formatPercent(79.3, [76.24, 82.06])).toBe('79.3 % (76.2–82.1)');
    expect(formatPercent(79.3, [78.94, 79.65])).toBe('79.3 %');
    expect(formatPercent(79.3, [78.9, 79.7])).toBe('79.3 %');
  });

  test('writes no interval where there is none, and a dash where there is no share', () => {
    expect(formatPercent(79.3, undefined)).toBe('79.3 %');
    expect(formatPercent(undefined, undefined)).toBe('–');
  });
});

test('a difference comes with its interval, and a speed-up with its quartiles, where there are such', () => {
  expect(formatDifference({ mean: -1.4, interval: [-2.6, -0.2] })).toBe('−1.4 (−2.6 to −0.2)');
  expect(formatDifference(undefined)).toBe('');
  expect(formatSpeedup(1.35, [1.314, 1.402])).toBe('1.35 × (1.31–1.40)');
  expect(formatSpeedup(1.35, undefined)).toBe('1.35 × (1.35–1.35)');
  expect(formatSpeedup(undefined, undefined)).toBe('');
});
