/** Stops the gradient at a tensor. */

import { reshape } from '../ops/movement.js';
import type { Tensor } from '../tensor.js';

/**
 * Returns the same values as a constant: no gradient flows through it.
 * @example
 * const loss = sum(mul(sub(x, stopGradient(y)), sub(x, stopGradient(y)))); // y is a constant target
 */
export function stopGradient(x: Tensor): Tensor {
  return x.backend.withTape(undefined, () => reshape(x, x.shape));
}
