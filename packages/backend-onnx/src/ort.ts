/** Shared by onnxruntime-node and onnxruntime-web: sessions on recorded graphs, and errors. */

import { isPatchslimError, PatchslimError, type DType, type HostTensor } from '@patchslim/tensor';
import type * as onnxruntime from 'onnxruntime-web';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { createGraphBuilder, type Graph } from './graph.js';
import type { RuntimeSession } from './runtime.js';

/** The API common to both packages. */
export type Ort = Pick<typeof onnxruntime, 'InferenceSession' | 'Tensor' | 'env'>;

/** No logs: ONNX Runtime throws every error that it would log. */
const quiet = { logSeverityLevel: 4 } as const;

/** Session options for every package and provider. */
export const commonOptions = {
  graphOptimizationLevel: 'all',
  ...quiet,
} as const satisfies InferenceSession.SessionOptions;

/** Idle threads of one session would otherwise spin and slow down every other session of the process. */
export const withoutSpinning = { force_spinning_stop: '1' } as const;

export function wrapSession(ort: Pick<Ort, 'Tensor'>, session: InferenceSession): RuntimeSession {
  return {
    async run(feeds) {
      const inputs = Object.entries(feeds).map(
        ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)] as const,
      );
      const outputs = await session.run(Object.fromEntries(inputs), { ...quiet });
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, toHost(tensor)]));
    },
    release: () => session.release(),
  };
}

/** Outputs of a recorded graph always have dtypes of the tensor interface. */
function toHost({ type, dims, data }: Tensor): HostTensor {
  return { shape: dims, dtype: type as DType, data } as HostTensor;
}

/** The smallest possible graph, to test whether a provider works. */
export function probeGraph(): Graph {
  const builder = createGraphBuilder();
  return builder.finish({ y: builder.input('x', { shape: [1], dtype: 'float32' }) });
}

/** Imports an optional package. @throws `BACKEND_UNAVAILABLE` with the install command */
export async function importOptional<T>(
  name: string,
  install: string,
  load: () => Promise<unknown>,
): Promise<T> {
  return orUnavailable(
    async () => (await load()) as T,
    (reason) => `${name} could not be loaded (${reason}); install it with: ${install}`,
  );
}

/** Returns the result of `open`; turns its errors without a code into `BACKEND_UNAVAILABLE` with the caller's message. */
export async function orUnavailable<T>(
  open: () => Promise<T>,
  message: (reason: string) => string,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (isPatchslimError(error)) throw error;
    throw unavailable(message(reasonOf(error)), error);
  }
}

export function unavailable(message: string, cause?: unknown): PatchslimError {
  return new PatchslimError('BACKEND_UNAVAILABLE', message, {}, cause);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
