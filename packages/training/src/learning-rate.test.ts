import { expect, it } from 'vitest';
import { cosine } from './index.js';

it('rises linearly, then falls along a cosine', () => {
  const rate = cosine({ peak: 2, warmup: 0.2, floor: 0.1 });
  const rates = Array.from({ length: 10 }, (_, step) => rate(step, 10));
  expect(rates.slice(0, 3)).toEqual([1, 2, 2]);
  expect(rates[6]).toBeCloseTo(0.2 + 1.8 / 2, 12); // half way down
  expect(rate(10, 10)).toBeCloseTo(0.2, 12);
});

it('starts at the peak without warm-up', () => {
  expect(cosine({ peak: 1, warmup: 0 })(0, 4)).toBe(1);
});

it.each([{ peak: 0 }, { peak: Infinity }, { peak: 1, warmup: 1 }, { peak: 1, floor: -0.1 }])(
  'refuses %o',
  (options) => {
    expect(() => cosine(options)).toThrow('expected peak > 0');
  },
);
