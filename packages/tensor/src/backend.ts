/**
 * A backend executes, records or counts the ops of the interface. It is an ordinary value that you
 * pass around; there is no current backend.
 */

import type { Tape } from './autodiff/tape.js';
import { PatchslimError } from './errors.js';
import { describe, sizeOf, type DataByDType, type DType, type HostTensor, type TensorSpec } from './host.js';
import { Memory } from './memory.js';
import type { Handle, Kernels } from './op.js';
import { compileByRunning, prepare, type Program, type ProgramFunction, type Specs } from './program.js';
import { noHandle, Tensor, withoutValues } from './tensor.js';

/** The part that a backend author writes; `createBackend` turns it into a `Backend`. */
export interface BackendDriver {
  /** Unique name, also used in time budgets: `native`, `tfjs-wasm`, `reference`, … */
  readonly name: string;
  readonly kernels: Kernels;
  upload(host: HostTensor): Handle;
  download(handle: Handle, spec: TensorSpec): Promise<DataByDType[DType]> | DataByDType[DType];
  release(handle: Handle): void;
  /**
   * Without it, a program runs its function in a scope. `fn` returns outputs that it owns, one tensor per
   * name; `prepare` guards the returned program against wrong inputs and use after dispose.
   */
  compile?<I extends string, O extends string>(
    backend: Backend,
    fn: ProgramFunction<I, O>,
    inputs: Specs<I>,
  ): Promise<Program<I, O>>;
  close?(): Promise<void>;
  /** See `Memory`. */
  readonly deviceBytes?: (() => number) | undefined;
  /** See `Backend`. */
  readonly threads?: number | undefined;
}

/** Runs, records or counts op calls. Every tensor belongs to one backend. */
export interface Backend {
  /** Its name on a command line, in a time budget, in a plan. */
  readonly name: string;
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** Number of CPU threads that compute, if the backend knows it. */
  readonly threads?: number | undefined;
  /** The current path in the model, set by `named`. */
  readonly path: string;
  /** A tensor with the given values. Do not write to `host.data` afterwards: a backend may keep it without a copy. */
  constant(host: HostTensor): Tensor;
  read(tensor: Tensor): Promise<DataByDType[DType]>;
  /**
   * Prepares `fn` for inputs of fixed shapes. Tensors that `fn` closes over become constants of the program; they
   * must live as long as it does.
   * @throws errors of `fn`; `BACKEND_UNAVAILABLE` when the runtime refuses the program
   */
  compile<I extends string, O extends string>(
    fn: ProgramFunction<I, O>,
    inputs: Specs<I>,
  ): Promise<Program<I, O>>;
  /** The tape of the running `valueAndGrad`. */
  readonly tape: Tape | undefined;
  /** Runs `body` and records its ops on `tape`, if given. */
  withTape<T>(tape: Tape | undefined, body: () => T): T;
  /** Whether a dry run is active: ops then infer shapes and compute no values. */
  readonly dry: boolean;
  /** Runs `body`; its ops infer shapes and compute no values. Its tensors can only be passed to ops and disposed. */
  dryRun<T>(body: () => T): T;
  /** See `named`. */
  within<T>(path: string, body: () => T): T;
  /** Shuts down the runtime of the backend. */
  close(): Promise<void>;
}

/** Completes a driver with memory, paths, checks and the default `compile`. */
export function createBackend(driver: BackendDriver): Backend {
  const paths = [''];
  let tape: Tape | undefined;
  let dry = false;
  const memory = new Memory(
    (handle) => {
      if (handle !== noHandle) driver.release(handle);
    },
    () => tape !== undefined,
    driver.deviceBytes,
  );
  const backend: Backend = {
    name: driver.name,
    kernels: driver.kernels,
    memory,
    threads: driver.threads,
    get path() {
      return paths.at(-1)!;
    },
    constant(host) {
      if (host.data.length !== sizeOf(host.shape)) {
        throw new PatchslimError(
          'SHAPE_MISMATCH',
          `constant(): ${describe(host)} needs ${sizeOf(host.shape)} values, got ${host.data.length}`,
        );
      }
      if (dry) return withoutValues(backend, host.shape, host.dtype);
      return new Tensor(backend, driver.upload(host), host.shape, host.dtype);
    },
    async read(tensor) {
      if (tensor.handle === noHandle) {
        throw new PatchslimError(
          'INVALID_ARGUMENT',
          `${describe(tensor)} has no values: nothing is computed in a dry run`,
        );
      }
      return driver.download(tensor.handle, tensor);
    },
    compile(fn, inputs) {
      return prepare(backend, fn, inputs, (own) =>
        driver.compile ? driver.compile(backend, own, inputs) : compileByRunning(backend, own, inputs),
      );
    },
    get dry() {
      return dry;
    },
    dryRun(body) {
      const outer = dry;
      dry = true;
      try {
        return body();
      } finally {
        dry = outer;
      }
    },
    get tape() {
      return tape;
    },
    withTape(next, body) {
      const outer = tape;
      tape = next;
      try {
        return body();
      } finally {
        tape = outer;
      }
    },
    within(segment, body) {
      const outer = paths.at(-1)!;
      paths.push(outer === '' ? segment : `${outer}/${segment}`);
      try {
        return body();
      } finally {
        paths.pop();
      }
    },
    async close() {
      await driver.close?.();
    },
  };
  return backend;
}

/**
 * Names a part of the model while `body` runs. Nested names are joined by `/`; they become the ONNX node name, the row
 * of the cost table and the path in an error.
 * @example named(backend, 'blocks.3', () => named(backend, 'attn', () => linear(x, weight)));
 */
export function named<T>(backend: Backend, path: string, body: () => T): T {
  return backend.within(path, body);
}
