/** TensorFlow.js in WebAssembly, with SIMD where there is SIMD, and with threads in cross-origin isolated pages. */

import type { Backend } from '@patchslim/tensor';
import { loadKernels } from './kernel-package.js';
import { createOwnBackend } from './own-instance.js';
import { withoutCrashHandlers } from './process-listeners.js';
import { orUnavailable } from './unavailable.js';
import { bundledWasmFiles, type WasmFile } from './wasm-files.js';

export type { WasmFile } from './wasm-files.js';

/** Options of `createWasmBackend`. */
export interface WasmBackendOptions {
  /**
   * Folder of the .wasm files, ending in `/`, or the address of each. When left out, Node takes those of the package,
   * and a browser those that Vite has put beside the program.
   */
  readonly wasmPaths?: string | Readonly<Record<WasmFile, string>> | undefined;
  /** Threads, in a cross-origin isolated page; tfjs takes at most one for every two cores. Elsewhere there is one. */
  readonly threads?: number | undefined;
}

/** What tfjs takes for a number of threads where nobody has said one. */
const tfjsDecides = -1;

const install = 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm';
const hint = `install it with: ${install}; in a browser, wasmPaths says where the .wasm files are`;

/**
 * A backend on `@tensorflow/tfjs-backend-wasm`, with memory of its own.
 *
 * @throws `BACKEND_UNAVAILABLE` when the packages are not installed or the .wasm file is not found
 * @example const backend = await createWasmBackend({ wasmPaths: '/assets/tfjs/' });
 */
export async function createWasmBackend(options: WasmBackendOptions = {}): Promise<Backend> {
  return orUnavailable({ name: 'tfjs-wasm', hint }, async () => {
    const tf = await import('@tensorflow/tfjs-core');
    const wasm = await loadKernels(tf, () => import('@tensorflow/tfjs-backend-wasm'));
    const wasmPaths = options.wasmPaths ?? (tf.env().getBool('IS_NODE') ? undefined : bundledWasmFiles());
    if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
    if (options.threads !== undefined) wasm.setThreadsCount(options.threads);
    const instance = await withoutCrashHandlers(() => tf.findBackendFactory('wasm')());
    if (options.threads !== undefined) wasm.setThreadsCount(tfjsDecides);
    const threads = tf.env().getBool('IS_NODE') ? 1 : wasm.getThreadsCount();
    return createOwnBackend(tf, 'wasm', instance, { name: 'tfjs-wasm', threads });
  });
}
