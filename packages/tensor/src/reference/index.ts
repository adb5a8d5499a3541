/**
 * The reference backend: every primitive op as its definition, in float64. Small, slow and meant to be obviously right;
 * other backends are measured against it, and it needs nothing but JavaScript.
 */

import { createBackend, type Backend } from '../backend.js';
import { referenceDriver } from './driver.js';

/**
 * A backend that computes in float64 and rounds to the tensor's dtype only when values are read. It has no kernels for
 * composite ops, so it runs their decompositions.
 *
 * @example
 * const backend = createReferenceBackend();
 * const x = backend.constant(float32([2, 2], [1, 2, 3, 4]));
 * await matMul(x, x).data(); // Float32Array [7, 10, 15, 22]
 */
export function createReferenceBackend(): Backend {
  return createBackend(referenceDriver);
}
