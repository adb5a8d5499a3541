/** How onnxruntime-node is opened. In a file of its own, so that public declarations need none of its types. */

export const nodeProviders = ['cpu', 'webgpu', 'cuda'] as const;
/** An execution provider of onnxruntime-node. */
export type NodeProvider = (typeof nodeProviders)[number];

/** How onnxruntime-node runs programs. */
export interface NodeRuntimeOptions {
  readonly provider?: NodeProvider | undefined;
  /** Threads within one op; ONNX Runtime takes one per core when left out. */
  readonly threads?: number | undefined;
  /** Bytes of constants above which a graph reaches the runtime through files instead of one buffer. */
  readonly externalDataLimit?: number | undefined;
  /** Makes a GPU's provider refuse a graph of which it would leave a part to the CPU. */
  readonly disableCpuFallback?: boolean | undefined;
}
