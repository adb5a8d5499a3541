/** TensorFlow.js in WebAssembly, with SIMD where there is SIMD, and with threads in cross-origin isolated pages. */

import type { Backend } from '@patchslim/tensor';
import { createOwnBackend } from './own-instance.js';
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
    const [tf, wasm] = await Promise.all([
      import('@tensorflow/tfjs-core'),
      import('@tensorflow/tfjs-backend-wasm'),
    ]);
    const wasmPaths = options.wasmPaths ?? (tf.env().getBool('IS_NODE') ? undefined : bundledWasmFiles());
    if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
    wasm.setThreadsCount(options.threads ?? -1); // -1: tfjs decides
    const instance = await withoutCrashHandlers(() => tf.findBackendFactory('wasm')());
    const threads = tf.env().getBool('IS_NODE') ? 1 : wasm.getThreadsCount();
    return createOwnBackend(tf, 'wasm', instance, { name: 'tfjs-wasm', threads });
  });
}

/**
 * In Node, Emscripten makes itself a listener of the process that turns every unhandled rejection into a crash, whatever
 * the program around has decided. What `load` adds of that kind is taken away again.
 */
async function withoutCrashHandlers<T>(load: () => T | Promise<T>): Promise<T> {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return load();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Set<unknown>(events.flatMap((event) => process.listeners(event as never)));
  try {
    return await load();
  } finally {
    for (const event of events) {
      for (const listener of process.listeners(event as never) as (() => void)[]) {
        const rethrows = /\bthrow (ex|reason)\b/.test(String(listener));
        if (rethrows && !before.has(listener)) process.removeListener(event, listener);
      }
    }
  }
}
