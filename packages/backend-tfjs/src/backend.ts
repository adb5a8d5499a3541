/**
 * The adapter: one backend of TensorFlow.js as a backend of patchslim. tfjs has a single engine in which one backend is
 * active, so the adapter activates its own for every call; several adapters can be used in turn, op by op, and beside other
 * code that uses tfjs.
 */

import {
  createBackend,
  describe,
  hostData,
  PatchslimError,
  type Backend,
  type HostTensor,
  type Kernels,
  type OpCall,
  type OpName,
} from '@patchslim/tensor';
import { createActivation, type Activate } from './activation.js';
import { computes, type Compute, type OverridingComputes } from './kernels/index.js';
import { createLifetime } from './lifetime.js';
import type { Tfjs, TfTensor } from './tfjs.js';
import { withWasmBindings } from './wasm-bindings.js';

/** Follows the tensors that were made of values of the host. */
export interface ConstantWatcher {
  uploaded(tensor: TfTensor, host: HostTensor): void;
  /** Of any tensor, before it is disposed. */
  released(tensor: TfTensor): void;
}

/** Options of `createTfjsBackend`. */
export interface TfjsBackendOptions {
  /** What users call the backend: `tfjs-wasm`, … */
  readonly name: string;
  /** What the backend is called within tfjs, where it must be initialised: `await tf.setBackend(…)` does that. */
  readonly tfBackend: string;
  /** How `tfBackend` is made the active one for a call; by a plain selection when left out. */
  readonly activate?: Activate | undefined;
  /** Kernels that go before those of this package: for what the backend has better ways. */
  readonly kernels?: OverridingComputes | undefined;
  /** Hears of all constants. */
  readonly constants?: ConstantWatcher | undefined;
  /** Resolves with the reason when the device behind the backend is lost. */
  readonly lost?: Promise<string> | undefined;
  /** What has gone wrong behind the back of tfjs; values are not to be trusted then, and reading them throws. */
  readonly problem?: (() => string | undefined) | undefined;
  /** What the buffers of the device take, in bytes. */
  readonly deviceBytes?: (() => number) | undefined;
  /** Threads that compute. */
  readonly threads?: number | undefined;
  /** Ends what was opened for this backend; by then its tensors are given back. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * Wraps a backend that is registered with `tf`, the namespace of `@tensorflow/tfjs-core`. After each call the backend is
 * active in tfjs that was so before. Host values handed in are kept, not copied: do not write to them afterwards.
 *
 * @throws `BACKEND_UNAVAILABLE` when tfjs has no such backend or it is not initialised. Later calls throw `DEVICE_LOST`
 *   when the device went away, `DISPOSED` after `close`, `INVALID_ARGUMENT` where tfjs refuses the values of a tensor
 * @example
 * await tf.setBackend('cpu');
 * const backend = createTfjsBackend(tf, { name: 'tfjs-cpu', tfBackend: 'cpu' });
 */
export function createTfjsBackend(tf: Tfjs, options: TfjsBackendOptions): Backend {
  const { name, tfBackend } = options;
  requireInitialised(tf, tfBackend);
  const activate = options.activate ?? activationOf(tf, tfBackend);
  const lifetime = createLifetime(name, options.lost);
  const live = new Set<TfTensor>();

  /** Runs calls of tfjs on this backend, frees what they allocate, and keeps the result until it is released. */
  const run = (what: string, body: () => TfTensor): TfTensor => {
    lifetime.requireUsable(what);
    try {
      const result = activate(() => tf.keep(tf.tidy(body)));
      live.add(result);
      return result;
    } catch (error) {
      throw refused(`${what} failed in ${name}`, error);
    }
  };

  const dispose = (tensor: TfTensor): void => {
    options.constants?.released(tensor);
    tensor.dispose();
  };

  return createBackend({
    name,
    deviceBytes: options.deviceBytes,
    threads: options.threads,
    kernels: createKernels(tf, run, options.kernels),
    upload(host) {
      const tensor = run(`constant(${describe(host)})`, () => toTensor(tf, host));
      options.constants?.uploaded(tensor, host);
      return tensor;
    },
    async download(handle, { dtype }) {
      lifetime.requireUsable('read()');
      try {
        const values = await (handle as TfTensor).data();
        const problem = options.problem?.();
        if (problem !== undefined) throw new Error(problem);
        // A copy, since what the reader does with it must not change the tensor; of the type of the dtype, since a cast of
        // tfjs may leave the values as they were.
        return hostData(values, dtype);
      } catch (error) {
        await lifetime.hearOfLoss();
        lifetime.requireUsable('read()');
        throw refused(`read() failed in ${name}`, error);
      }
    },
    release(handle) {
      // Nothing is left to do for tensors that closing has given back.
      if (live.delete(handle as TfTensor)) dispose(handle as TfTensor);
    },
    close() {
      if (lifetime.end()) {
        for (const tensor of live) dispose(tensor);
        live.clear();
        options.onClose?.();
      }
      return Promise.resolve();
    },
  });
}

/** Kernels that are set up for an instance are those of WASM. */
function activationOf(tf: Tfjs, tfBackend: string): Activate {
  const activate = createActivation(tf, tfBackend);
  const areSetUp = tf.getKernelsForBackend(tfBackend).some(({ setupFunc }) => setupFunc);
  return areSetUp ? withWasmBindings(tf, activate) : activate;
}

function requireInitialised(tf: Tfjs, tfBackend: string): void {
  if (tfBackend in tf.engine().registry) return;
  const registered = tf.engine().backendNames().join(', ');
  throw new PatchslimError(
    'BACKEND_UNAVAILABLE',
    `createTfjsBackend(): tfjs has no initialised backend '${tfBackend}', registered are: ${registered}; await tf.setBackend('${tfBackend}') first`,
    { tfBackend, registered },
  );
}

/** One kernel per op that `computes` or `overriding` has; tfjs sees the checked call and nothing else. */
function createKernels(
  tf: Tfjs,
  run: (what: string, body: () => TfTensor) => TfTensor,
  overriding: OverridingComputes = {},
): Kernels {
  const kernels = Object.entries({ ...computes, ...overriding }).map(([op, compute]) => {
    const kernel = ({ inputs, attrs, output, path }: OpCall) => {
      const tensors = inputs.map((input) => input.handle as TfTensor);
      const what = path === '' ? `${op}()` : `${op}() in ${path}`;
      return run(what, () => (compute as Compute<OpName>)(tf, tensors, attrs, output));
    };
    return [op, kernel];
  });
  return Object.fromEntries(kernels) as Kernels;
}

function toTensor(tf: Tfjs, { data, shape, dtype }: HostTensor): TfTensor {
  return tf.tensor(data, [...shape], dtype);
}

/** Shapes and dtypes were checked before, so what tfjs still refuses are values: an index outside its axis, a size. */
function refused(what: string, cause: unknown): PatchslimError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PatchslimError('INVALID_ARGUMENT', `${what}: ${reason}`, { reason }, cause);
}
