/** Options of onnxruntime-node. They are in a separate file so that public declarations need none of its types. */

export const nodeProviders = ['cpu', 'webgpu', 'cuda'] as const;
/** An execution provider of onnxruntime-node. */
export type NodeProvider = (typeof nodeProviders)[number];

/** Options of onnxruntime-node. */
export interface NodeRuntimeOptions {
  readonly provider?: NodeProvider | undefined;
  /** Threads within one op; by default as many as the environment variable `OMP_NUM_THREADS` says, else one per core. */
  readonly threads?: number | undefined;
  /** Total size of constants, in bytes, above which the runtime loads a graph from files instead of one buffer. */
  readonly externalDataLimit?: number | undefined;
  /** Makes a GPU provider refuse a graph if a part of it would run on the CPU. */
  readonly disableCpuFallback?: boolean | undefined;
}
