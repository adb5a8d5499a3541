/** What a runtime must offer to run recorded graphs. One file per runtime implements it. */

import type { HostTensor } from '@patchslim/tensor';
import type { Graph } from './graph.js';

/** A graph made ready to run, with whatever memory the runtime holds for it. */
export interface RuntimeSession {
  /**
   * Values by name in, values by name out. Inputs are not written to; outputs belong to the caller.
   * @throws `DEVICE_LOST` when the GPU is gone; otherwise what the runtime throws
   */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>>;
  /** Gives the session's memory back. Called once, when no run is under way. */
  release(): Promise<void>;
}

export interface OnnxRuntime {
  /** Shown to people: `onnxruntime-node/cpu`. */
  readonly name: string;
  /** Threads that compute, where the runtime tells. */
  readonly threads?: number | undefined;
  /** @throws `BACKEND_UNAVAILABLE` when the runtime refuses the graph, `DEVICE_LOST` when its GPU is gone */
  createSession(graph: Graph): Promise<RuntimeSession>;
  /** Gives back what the runtime holds besides its sessions, which are released before. */
  close(): Promise<void>;
}

/** The node that an ONNX Runtime message speaks of: `…while running Gather node. Name:'blocks.0/Gather_3'…`. */
export function failingNode(message: string): string | undefined {
  return /Name:\s*'([^']+)'/.exec(message)?.[1];
}
