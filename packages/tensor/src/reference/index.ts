/**
 * The reference backend computes every primitive op by its definition, in float64. It is small, slow and obviously correct;
 * other backends are tested against it. It needs only JavaScript.
 */

import { createBackend, type Backend } from '../backend.js';
import { referenceDriver } from './driver.js';

/**
 * Creates a backend that computes in float64 and rounds to the tensor's dtype only when values are read. It has no kernels for
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
