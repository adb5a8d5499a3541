import { expect, it } from 'vitest';
import { toHalves } from './half.js';

it.each([
  ['half way to the even one below', 1 + 2 ** -11, 0x3c00],
  ['half way to the even one above', 1 + 3 * 2 ** -11, 0x3c02],
  ['up to the next power of two', 2 - 2 ** -12, 0x4000],
  ['the largest', 65519, 0x7bff],
  ['too large', 65520, 0x7c00],
  ['infinity', -Infinity, 0xfc00],
  ['not a number', NaN, 0x7e00],
  ['half of the smallest, to even', 2 ** -25, 0],
  ['just above half of the smallest', 2 ** -25 * 1.001, 1],
  ['up into the normal ones', 2 ** -14 - 2 ** -26, 0x0400],
  ['minus zero', -0, 0x8000],
])('rounds %s', (_, value, bits) => {
  expect([...toHalves(Float32Array.of(value))]).toEqual([bits]);
});
