/** TensorFlow.js on TensorFlow's C library with CUDA, in Node. */

import type { Backend } from '@patchslim/tensor';
import { createNativeBackend } from './native-backend.js';

/**
 * Creates a backend on `@tensorflow/tfjs-node-gpu`.
 *
 * @throws `BACKEND_UNAVAILABLE` when the package, its native part or a CUDA device is missing, or tfjs-node is
 *   already loaded
 * @example const backend = await createNodeGpuBackend();
 */
export function createNodeGpuBackend(): Promise<Backend> {
  return createNativeBackend({ name: 'tfjs-node-gpu', packageName: '@tensorflow/tfjs-node-gpu' });
}
