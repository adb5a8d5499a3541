/** TensorFlow.js in plain JavaScript: portable but slow. */

import type { Backend } from '@patchslim/tensor';
import { loadKernels } from './kernel-package.js';
import { createOwnBackend } from './own-instance.js';
import { orUnavailable } from './unavailable.js';

const install = 'install it with: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu';

/**
 * Creates a backend on `@tensorflow/tfjs-backend-cpu`.
 *
 * @throws `BACKEND_UNAVAILABLE` when the packages are not installed
 * @example
 * const backend = await createCpuBackend();
 * const x = backend.constant(float32([2], [1, 2]));
 * await add(x, x).data(); // Float32Array [2, 4]
 */
export async function createCpuBackend(): Promise<Backend> {
  const [tf, cpu] = await orUnavailable({ name: 'tfjs-cpu', hint: install }, async () => {
    const tf = await import('@tensorflow/tfjs-core');
    return [tf, await loadKernels(tf, () => import('@tensorflow/tfjs-backend-cpu'))] as const;
  });
  const instance = new cpu.MathBackendCPU();
  // Suppresses tfjs's advice to use another backend: the caller chose this one.
  Object.assign(instance, { firstUse: false });
  return createOwnBackend(tf, 'cpu', instance, { name: 'tfjs-cpu' });
}
