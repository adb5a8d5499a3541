/**
 * Instances of tfjs backends under names of their own, so that any number of them live side by side: beside each other,
 * and beside those that the program around registers under tfjs's names.
 */

import type { Backend } from '@patchslim/tensor';
import { createActivation } from './activation.js';
import { createTfjsBackend, type TfjsBackendOptions } from './backend.js';
import { keepingListeners } from './process-listeners.js';
import type { Tfjs, TfKernelBackend } from './tfjs.js';
import { withWasmBindings } from './wasm-bindings.js';

/** Behind every other: tfjs shall not choose it by itself. */
const priority = -2;

/**
 * A backend on an instance that belongs to it; closing it disposes the instance, and so does failing to make it.
 *
 * @param kernelsOf name under which tfjs has the kernels of this kind of instance
 */
export function createOwnBackend(
  tf: Tfjs,
  kernelsOf: string,
  instance: TfKernelBackend,
  options: Omit<TfjsBackendOptions, 'tfBackend' | 'activate'>,
): Backend {
  const tfBackend = freeName(tf, `patchslim-${kernelsOf}`);
  const takeAway = (): void => {
    keepingListeners(() => tf.removeBackend(tfBackend)); // disposes the instance
    for (const { kernelName } of tf.getKernelsForBackend(tfBackend)) {
      tf.unregisterKernel(kernelName, tfBackend);
    }
  };
  // Without what sets kernels up, which would set up those of the program around with them: see `withWasmBindings`.
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend(kernelsOf)) {
    tf.registerKernel({ kernelName, kernelFunc, backendName: tfBackend });
  }
  tf.registerBackend(tfBackend, () => instance, priority);
  try {
    tf.findBackend(tfBackend); // initialises it
    const activate = createActivation(tf, tfBackend);
    return createTfjsBackend(tf, {
      ...options,
      tfBackend,
      activate: kernelsOf === 'wasm' ? withWasmBindings(tf, activate) : activate,
      onClose() {
        takeAway();
        options.onClose?.();
      },
    });
  } catch (error) {
    takeAway();
    throw error;
  }
}

function freeName(tf: Tfjs, prefix: string): string {
  const taken = new Set(tf.engine().backendNames());
  let number = 1;
  while (taken.has(`${prefix}-${number}`)) number++;
  return `${prefix}-${number}`;
}
