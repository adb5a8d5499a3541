/** Where a gradient ends. */

import { reshape } from '../ops/movement.js';
import type { Tensor } from '../tensor.js';

/**
 * The same values as a constant: `valueAndGrad` sends nothing back through them.
 * @example
 * const loss = sum(mul(sub(x, stopGradient(y)), sub(x, stopGradient(y)))); // y is a target, whatever it was made of
 */
export function stopGradient(x: Tensor): Tensor {
  return x.backend.withTape(undefined, () => reshape(x, x.shape));
}
