/** Gaussian error linear unit, exact. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { add, erf, mul } from '../ops/elementwise.js';
import { requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const geluOp: OpDefinition<'gelu'> = {
  name: 'gelu',
  infer([x]) {
    requireDType('gelu', [x!], ['float32']);
    return { shape: x!.shape, dtype: 'float32' };
  },
  decompose: ([x]) => mul(mul(x!, 0.5), add(erf(mul(x!, Math.SQRT1_2)), 1)),
};

/** `x · Φ(x) = x / 2 · (1 + erf(x / √2))`; not the tanh approximation. */
export const gelu = (x: Tensor): Tensor => apply(geluOp, [x], {});
