/** The interface of a runtime that runs recorded graphs. One file per runtime implements it. */

import type { HostTensor } from '@patchslim/tensor';
import type { Graph } from './graph.js';

/** A graph ready to run, with the memory that the runtime holds for it. */
export interface RuntimeSession {
  /**
   * Maps inputs by name to outputs by name. It does not write to inputs; the caller owns the outputs.
   * @throws `DEVICE_LOST` when the GPU device is lost; errors of the runtime
   */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>>;
  /** Frees the session's memory. Called once, when no run is pending. */
  release(): Promise<void>;
}

export interface OnnxRuntime {
  /** Display name: `onnxruntime-node/cpu`. */
  readonly name: string;
  /** Number of computing threads, if it is known. */
  readonly threads?: number | undefined;
  /** @throws `BACKEND_UNAVAILABLE` when the runtime refuses the graph, `DEVICE_LOST` when its GPU device is lost */
  createSession(graph: Graph): Promise<RuntimeSession>;
  /** Frees the resources of the runtime, after all sessions are released. */
  close(): Promise<void>;
}

/** The node named in an ONNX Runtime message: `…while running Gather node. Name:'blocks.0/Gather_3'…`. */
export function failingNode(message: string): string | undefined {
  return /Name:\s*'([^']+)'/.exec(message)?.[1];
}
