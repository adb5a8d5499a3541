/** What onnxruntime-node and onnxruntime-web share: sessions on recorded graphs, and how failures are told. */

import { isPatchslimError, PatchslimError, type DType, type HostTensor } from '@patchslim/tensor';
import type * as onnxruntime from 'onnxruntime-web';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { createGraphBuilder, type Graph } from './graph.js';
import type { RuntimeSession } from './runtime.js';

/** The part that both packages have. */
export type Ort = Pick<typeof onnxruntime, 'InferenceSession' | 'Tensor' | 'env'>;

/** What it would log as an error, it also throws. */
const quiet = { logSeverityLevel: 4 } as const;

/** Session options that hold whatever the package and the provider. */
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

/** Outputs of a recorded graph only have dtypes of the tensor interface. */
function toHost({ type, dims, data }: Tensor): HostTensor {
  return { shape: dims, dtype: type as DType, data } as HostTensor;
}

/** The smallest graph there is: where a session on it opens, the provider is there. */
export function probeGraph(): Graph {
  const builder = createGraphBuilder();
  return builder.finish({ y: builder.input('x', { shape: [1], dtype: 'float32' }) });
}

/** Imports an optional package. @throws `BACKEND_UNAVAILABLE` saying how to get it */
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

/** What `open` returns. What it throws without a code becomes `BACKEND_UNAVAILABLE` with a message of the caller's. */
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
