/**
 * Instances of tfjs backends under names of their own, so that any number of them live side by side: beside each other,
 * and beside those that the program around registers under tfjs's names.
 */

import type { Backend } from '@patchslim/tensor';
import { createTfjsBackend, type TfjsBackendOptions } from './backend.js';
import type { Tfjs, TfKernelBackend } from './tfjs.js';

/**
 * A backend on an instance that belongs to it; closing it disposes the instance.
 *
 * @param kernelsOf name under which tfjs has the kernels of this kind of instance
 */
export function createOwnBackend(
  tf: Tfjs,
  kernelsOf: string,
  instance: TfKernelBackend,
  options: Omit<TfjsBackendOptions, 'tfBackend'>,
): Backend {
  const tfBackend = freeName(tf, `patchslim-${kernelsOf}`);
  tf.copyRegisteredKernels(kernelsOf, tfBackend);
  tf.registerBackend(tfBackend, () => instance, 0); // tfjs shall not choose it by itself
  tf.findBackend(tfBackend); // initialises it
  return createTfjsBackend(tf, {
    ...options,
    tfBackend,
    onClose() {
      tf.removeBackend(tfBackend);
      for (const { kernelName } of tf.getKernelsForBackend(tfBackend)) {
        tf.unregisterKernel(kernelName, tfBackend);
      }
      options.onClose?.();
    },
  });
}

function freeName(tf: Tfjs, prefix: string): string {
  const taken = new Set(tf.engine().backendNames());
  let number = 1;
  while (taken.has(`${prefix}-${number}`)) number++;
  return `${prefix}-${number}`;
}
