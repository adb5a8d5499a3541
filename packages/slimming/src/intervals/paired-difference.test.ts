/** Paired differences and their intervals. */

import { createRandom } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { pairedDifference } from './paired-difference.js';

describe('pairedDifference', () => {
  it('is the mean of the differences, with 1.96 standard errors on either side', () => {
    // Differences 0, 0, −100, 100, 100: mean 20, standard deviation √7000.
    const { mean, interval } = pairedDifference([0, 100, 100, 0, 0], [0, 100, 0, 100, 100]);
    expect(mean).toBe(20);
    const margin = 1.96 * Math.sqrt(7000 / 5);
    expect(interval[0]).toBeCloseTo(20 - margin, 10);
    expect(interval[1]).toBeCloseTo(20 + margin, 10);
  });

  it('holds the true mean in 95 of 100 samples', () => {
    const random = createRandom(4);
    let held = 0;
    for (let sample = 0; sample < 1000; sample++) {
      const first = Array.from({ length: 200 }, () => (random() < 0.8 ? 100 : 0));
      const second = first.map((hit) => (random() < 0.1 ? 100 - hit : hit));
      const { interval } = pairedDifference(first, second);
      // Of 100 hits 10 are lost, of 100 misses 10 are won: −8 + 2.
      if (interval[0] <= -6 && -6 <= interval[1]) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(970);
  });
});
