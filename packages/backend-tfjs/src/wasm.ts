/** TensorFlow.js in WebAssembly, with SIMD if available, and with threads in cross-origin isolated pages. */

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
   * Folder of the .wasm files, ending in `/`, or the URL of each. By default Node uses the package's files,
   * and a browser the copies that Vite placed next to the program.
   */
  readonly wasmPaths?: string | Readonly<Record<WasmFile, string>> | undefined;
  /** Number of threads in a cross-origin isolated page; tfjs uses at most one per two cores. Elsewhere it is one. */
  readonly threads?: number | undefined;
}

/** tfjs's value for its default number of threads. */
const tfjsDecides = -1;

const install = 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm';
const hint = `install it with: ${install}; in a browser, wasmPaths says where the .wasm files are`;

/**
 * Creates a backend on `@tensorflow/tfjs-backend-wasm`, with its own memory.
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
