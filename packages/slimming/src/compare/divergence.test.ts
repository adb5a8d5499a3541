/** The divergence of classes against values computed by hand. */

import { describe, expect, it } from 'vitest';
import { meanDivergence } from './divergence.js';

describe('meanDivergence', () => {
  it('is zero for equal classes, and does not depend on an offset of the logits', () => {
    expect(meanDivergence(Float32Array.of(2, 5, 1), Float32Array.of(1, 4, 0), { classes: 3 })).toBeCloseTo(
      0,
      12,
    );
  });

  it('is the mean over images of p (log p − log q)', () => {
    const even = Math.log(2);
    const [p, q] = [Float32Array.of(0, 0, 0, Math.log(3)), Float32Array.of(0, Math.log(3), 0, 0)];
    const first = even * -1 - 0.5 * (Math.log(0.25) + Math.log(0.75));
    const second = 0.25 * (Math.log(0.25) + even) + 0.75 * (Math.log(0.75) + even);
    expect(meanDivergence(q, p, { classes: 2 })).toBeCloseTo((first + second) / 2, 6);
  });
});
