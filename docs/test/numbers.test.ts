/** Figures as the playground writes them. */

import { expect, it } from 'vitest';
import { shareText, speedupText } from '../playground/numbers.js';

it('a share of few images comes with its interval, one of many without', () => {
  expect(shareText(100, [56.55, 100])).toBe('100.0 % (56.5–100.0)');
  expect(shareText(79.3, [78.9, 79.7])).toBe('79.3 %');
  expect(shareText(79.3, undefined)).toBe('79.3 %');
  expect(shareText(undefined, undefined)).toBe('–');
});

it('a speed-up comes with its quartiles', () => {
  expect(speedupText(1.35, [1.314, 1.402])).toBe('1.35 × (1.31–1.40)');
});
