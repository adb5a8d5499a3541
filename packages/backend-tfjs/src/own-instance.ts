/**
 * Instances of tfjs backends under unique names, so that any number can coexist with each other
 * and with the backends of the surrounding program.
 */

import type { Backend } from '@patchslim/tensor';
import { createActivation } from './activation.js';
import { createTfjsBackend, type TfjsBackendOptions } from './backend.js';
import { keepingListeners } from './process-listeners.js';
import type { Tfjs, TfKernelBackend } from './tfjs.js';
import { withWasmBindings } from './wasm-bindings.js';

/** The lowest priority, so that tfjs never selects it by default. */
const priority = -2;

/**
 * Creates a backend that owns its instance. The instance is disposed on close, or if the creation fails.
 *
 * @param kernelsOf tfjs's name for the kernels of this kind of instance
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
  // Omits the kernel setup, which would also affect the surrounding program: see `withWasmBindings`.
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
