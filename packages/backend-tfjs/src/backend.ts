/**
 * The adapter from a TensorFlow.js backend to a patchslim backend. tfjs has a single engine with one active
 * backend, so the adapter activates its own for every call. Several adapters can be used in turn, op by op, and together with
 * other code that uses tfjs.
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

/** Observes the tensors created from host values. */
export interface ConstantWatcher {
  uploaded(tensor: TfTensor, host: HostTensor): void;
  /** Called for every tensor before it is disposed. */
  released(tensor: TfTensor): void;
}

/** Options of `createTfjsBackend`. */
export interface TfjsBackendOptions {
  /** Name of the backend for users: `tfjs-wasm`, … */
  readonly name: string;
  /** Name of the backend within tfjs. It must be initialised, for example by `await tf.setBackend(…)`. */
  readonly tfBackend: string;
  /** Activates `tfBackend` for a call; a plain selection by default. */
  readonly activate?: Activate | undefined;
  /** Faster kernels of the backend, which replace this package's. */
  readonly kernels?: OverridingComputes | undefined;
  /** Observes all constants. */
  readonly constants?: ConstantWatcher | undefined;
  /** Resolves with the reason when the device behind the backend is lost. */
  readonly lost?: Promise<string> | undefined;
  /** Returns a device error that tfjs does not report. Values are then invalid, and reading them throws. */
  readonly problem?: (() => string | undefined) | undefined;
  /** Size of the device's buffers, in bytes. */
  readonly deviceBytes?: (() => number) | undefined;
  /** Number of computing threads. */
  readonly threads?: number | undefined;
  /** Closes the resources opened for this backend, after its tensors are freed. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * Wraps a backend that is registered with `tf`, the namespace of `@tensorflow/tfjs-core`. After each call, the previous
 * backend is active in tfjs again. Host values are not copied: do not write to them afterwards.
 *
 * @throws `BACKEND_UNAVAILABLE` when tfjs lacks the backend or it is not initialised. Later calls throw `DEVICE_LOST`
 *   after the device is lost, `DISPOSED` after `close`, `INVALID_ARGUMENT` when tfjs refuses the values of a tensor
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

  /** Runs calls of tfjs on this backend, frees their intermediates, and keeps the result until it is released. */
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
        // A copy, so that the caller cannot change the tensor, in the dtype's array type, because a cast of
        // tfjs may leave the values as they were.
        return hostData(values, dtype);
      } catch (error) {
        await lifetime.hearOfLoss();
        lifetime.requireUsable('read()');
        throw refused(`read() failed in ${name}`, error);
      }
    },
    release(handle) {
      // `close` has already freed these tensors.
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

/** Only WASM sets up its kernels for an instance. */
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
    `createTfjsBackend(): tfjs has no initialised backend '${tfBackend}' (registered: ${registered}); await tf.setBackend('${tfBackend}') first`,
    { tfBackend, registered },
  );
}

/** One kernel per op of `computes` or `overriding`. */
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

/** Shapes and dtypes are already checked, so tfjs can only refuse values: an index outside its axis, a size. */
function refused(what: string, cause: unknown): PatchslimError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PatchslimError('INVALID_ARGUMENT', `${what}: ${reason}`, { reason }, cause);
}
