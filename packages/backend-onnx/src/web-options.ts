/** How onnxruntime-web is opened. In a file of its own, so that public declarations need none of its types. */

import type { GpuDevice } from './gpu-device.js';

export const webProviders = ['wasm', 'webgpu'] as const;
/** An execution provider of onnxruntime-web. */
export type WebProvider = (typeof webProviders)[number];

/** How onnxruntime-web runs programs. */
export interface WebRuntimeOptions {
  /** `wasm` when left out. */
  readonly provider?: WebProvider | undefined;
  /**
   * Threads of the WebAssembly module, the same for all backends of a page; half the cores and at most four when left
   * out. More than one needs a cross-origin isolated page.
   */
  readonly threads?: number | undefined;
  /** Where the `.wasm` and `.mjs` files of onnxruntime-web are served: a URL that ends in `/`, or one URL for each. */
  readonly wasmPaths?: string | { readonly wasm?: string; readonly mjs?: string } | undefined;
  /** A `GPUDevice` to run on, which stays the caller's; `close` ends one that the backend asked for itself. */
  readonly device?: GpuDevice | undefined;
  /** Makes WebGPU refuse a graph of which it would leave a part to the CPU. */
  readonly disableCpuFallback?: boolean | undefined;
}
