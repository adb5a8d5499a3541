/** The error function against values computed with 30 digits by mpmath and rounded to float64. */

import { expect, it } from 'vitest';
import { erf } from './erf.js';

it.each([
  [0, 0],
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.9, 0.7969082124228322],
  [1, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [1.9999, 0.9953201979070294],
  [2, 0.9953222650189527],
  [2.0001, 0.9953243313041966],
  [2.5, 0.999593047982555],
  [3, 0.9999779095030014],
  [4, 0.9999999845827421],
  [5, 0.9999999999984626],
  [5.9, 0.9999999999999999],
  [6.5, 1],
  [Infinity, 1],
])('erf(%d)', (x, expected) => {
  expect(Math.abs(erf(x) - expected)).toBeLessThan(1e-15);
  expect(Math.abs(erf(-x) + expected)).toBeLessThan(1e-15);
});

it('is accurate to a few units in the last place near zero', () => {
  const slope = 2 / Math.sqrt(Math.PI);
  for (const x of [1e-300, 1e-20, 1e-12]) expect(erf(x) / (slope * x)).toBeCloseTo(1, 14);
});

it('passes NaN on', () => {
  expect(erf(NaN)).toBeNaN();
});
