/** TensorFlow.js on TensorFlow's C library, on the CPU of a Node process. */

import type { Backend } from '@patchslim/tensor';
import { createNativeBackend } from './native-backend.js';

/**
 * Creates a backend on `@tensorflow/tfjs-node`.
 *
 * @throws `BACKEND_UNAVAILABLE` when the package or its native part is missing, or tfjs-node-gpu is already loaded
 * @example const backend = await createNodeBackend();
 */
export function createNodeBackend(): Promise<Backend> {
  return createNativeBackend({ name: 'tfjs-node', packageName: '@tensorflow/tfjs-node' });
}
