/** Wilson's interval: known values and coverage. */

import { createRandom } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { shareInterval } from './share-interval.js';

describe('shareInterval', () => {
  // By the formula in Python, with the quantile 1.959964.
  it.each([
    [5, 5, 56.552, 100],
    [0, 5, 0, 43.448],
    [9, 10, 59.585, 98.212],
    [37, 50, 60.447, 84.128],
    [590, 744, 76.243, 82.058],
    [50000, 50000, 99.992, 100],
  ])('of %d in %d images is %d to %d %%', (hits, images, low, high) => {
    const [from, to] = shareInterval((100 * hits) / images, images);
    expect(from).toBeCloseTo(low, 2);
    expect(to).toBeCloseTo(high, 2);
  });

  it.each([
    [10, 0.8],
    [40, 0.95],
    [500, 0.8],
  ])('holds the true share in about 95 of 100 samples of %d images, true share %d', (images, share) => {
    const random = createRandom(images);
    let held = 0;
    for (let sample = 0; sample < 2000; sample++) {
      let hits = 0;
      for (let image = 0; image < images; image++) if (random() < share) hits++;
      const [low, high] = shareInterval((100 * hits) / images, images);
      if (low <= 100 * share && 100 * share <= high) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
    expect(held / 2000).toBeLessThan(0.985);
  });
});
