/** Options of onnxruntime-web. They are in a separate file so that public declarations need none of its types. */

import type { GpuDevice } from './gpu-device.js';

export const webProviders = ['wasm', 'webgpu'] as const;
/** An execution provider of onnxruntime-web. */
export type WebProvider = (typeof webProviders)[number];

/** Options of onnxruntime-web. */
export interface WebRuntimeOptions {
  /** @default 'wasm' */
  readonly provider?: WebProvider | undefined;
  /**
   * Threads of the WebAssembly module, shared by all backends of a page. The default is half the cores, at most four.
   * More than one needs a cross-origin isolated page.
   */
  readonly threads?: number | undefined;
  /** URL of the `.wasm` and `.mjs` files of onnxruntime-web: a folder that ends in `/`, or one URL for each file. */
  readonly wasmPaths?: string | { readonly wasm?: string; readonly mjs?: string } | undefined;
  /** A `GPUDevice` to run on. The caller keeps ownership; `close` destroys only a device that the backend requested. */
  readonly device?: GpuDevice | undefined;
  /** Makes WebGPU refuse a graph if a part of it would run on the CPU. */
  readonly disableCpuFallback?: boolean | undefined;
}
