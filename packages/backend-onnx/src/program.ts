/** Runs a recorded graph as a program of `@patchslim/tensor`, in a runtime session. */

import {
  isPatchslimError,
  mapValues,
  PatchslimError,
  Tensor,
  type Backend,
  type HostTensor,
  type Program,
  type Tensors,
  type TensorSpec,
} from '@patchslim/tensor';
import type { Recorded } from './recorder.js';
import { hostOf, type OnnxHandle } from './recording.js';
import { failingNode, type OnnxRuntime } from './runtime.js';

/**
 * Opens a session on a recorded graph. Wrong inputs and use after `dispose` are caught earlier, by
 * `Backend.compile`.
 *
 * @throws `BACKEND_UNAVAILABLE` when the runtime refuses the graph
 */
export async function createProgram<I extends string, O extends string>(
  backend: Backend,
  runtime: OnnxRuntime,
  { graph, inputs, outputs }: Recorded<I, O>,
): Promise<Program<I, O>> {
  const session = await runtime.createSession(graph);
  // The graph's outputs are in the order of the function's, but their names may differ.
  const graphNames = new Map(Object.keys(outputs).map((key, i) => [key, graph.outputs[i]!.name]));
  const running = new Set<Promise<unknown>>();

  return {
    inputs,
    outputs,
    async run(values: Tensors<I>) {
      const feeds = mapValues<I, TensorSpec, HostTensor>(inputs, (_, key) =>
        hostOf(values[key].handle as OnnxHandle),
      );
      const run = session.run(feeds);
      running.add(run);
      try {
        const results = await run;
        return mapValues<O, TensorSpec, Tensor>(outputs, ({ shape, dtype }, key) => {
          const host = results[graphNames.get(key)!]!;
          return new Tensor(backend, { kind: 'host', host } satisfies OnnxHandle, shape, dtype);
        });
      } catch (error) {
        if (isPatchslimError(error)) throw error;
        const name = `${Object.keys(inputs).join(', ')} → ${Object.keys(outputs).join(', ')}`;
        throw runFailed(`program '${name}' failed in ${runtime.name}`, error);
      } finally {
        running.delete(run);
      }
    },
    async dispose() {
      // Pending runs still need the session; their callers receive their errors.
      await Promise.allSettled(running);
      await session.release();
    },
  };
}

function runFailed(what: string, error: unknown): PatchslimError {
  const reason = error instanceof Error ? error.message : String(error);
  const node = failingNode(reason);
  // If the message names a node, its values were invalid; otherwise the runtime itself failed.
  return node === undefined
    ? new PatchslimError('BACKEND_UNAVAILABLE', `${what}: ${reason}`, { reason }, error)
    : new PatchslimError('INVALID_ARGUMENT', `${what} at ${node}: ${reason}`, { node, reason }, error);
}
