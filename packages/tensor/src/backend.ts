/**
 * A backend gives the ops of the interface a meaning: execute them, record them, count them. It is a value that is
 * passed around; there is no current backend.
 */

import type { Tape } from './autodiff/tape.js';
import { PatchslimError } from './errors.js';
import { describe, sizeOf, type DataByDType, type DType, type HostTensor, type TensorSpec } from './host.js';
import { Memory } from './memory.js';
import type { Handle, Kernels } from './op.js';
import { compileByRunning, prepare, type Program, type ProgramFunction, type Specs } from './program.js';
import { noHandle, Tensor, withoutValues } from './tensor.js';

/** What a backend author writes; `createBackend` makes a `Backend` of it. */
export interface BackendDriver {
  /** What users call it, in a time budget too: `native`, `tfjs-wasm`, `reference`, … One name for one backend. */
  readonly name: string;
  readonly kernels: Kernels;
  upload(host: HostTensor): Handle;
  download(handle: Handle, spec: TensorSpec): Promise<DataByDType[DType]> | DataByDType[DType];
  release(handle: Handle): void;
  /**
   * Without it, a program is its function, run in a scope. `fn` comes with outputs that are its own, one tensor per
   * name; the program returned is guarded against wrong inputs and use after dispose. See `prepare`.
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

/** What runs, records or counts op calls: every tensor belongs to one. */
export interface Backend {
  /** What users call it: on a command line, in a time budget, in a plan. */
  readonly name: string;
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** Threads of the CPU that compute, where the backend knows. */
  readonly threads?: number | undefined;
  /** Where in the model we are; set by `named`. */
  readonly path: string;
  /** A tensor with the given values; a backend may keep `host.data` itself, so do not write to it afterwards. */
  constant(host: HostTensor): Tensor;
  read(tensor: Tensor): Promise<DataByDType[DType]>;
  /**
   * Prepares `fn` for inputs of fixed shapes. Tensors that `fn` closes over become constants of the program; they
   * must live as long as it does.
   * @throws what `fn` throws, and `BACKEND_UNAVAILABLE` when the runtime refuses it
   */
  compile<I extends string, O extends string>(
    fn: ProgramFunction<I, O>,
    inputs: Specs<I>,
  ): Promise<Program<I, O>>;
  /** What is differentiated at the moment; set by `valueAndGrad`. */
  readonly tape: Tape | undefined;
  /** Runs `body` with its ops on `tape`, or on none. */
  withTape<T>(tape: Tape | undefined, body: () => T): T;
  /** Whether ops give tensors without values at the moment: only shapes are asked for. */
  readonly dry: boolean;
  /** Runs `body` with ops that compute shapes and no values. Its tensors can only be passed to ops and disposed. */
  dryRun<T>(body: () => T): T;
  /** See `named`. */
  within<T>(path: string, body: () => T): T;
  /** Ends the runtime behind the backend. */
  close(): Promise<void>;
}

/** Completes a driver: memory, paths, checks and the default `compile`. */
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
 * Names a part of the model while `body` runs: nested names are joined by `/` and become the ONNX node name, the row
 * of the cost table and the place in an error.
 * @example named(backend, 'blocks.3', () => named(backend, 'attn', () => linear(x, weight)));
 */
export function named<T>(backend: Backend, path: string, body: () => T): T {
  return backend.within(path, body);
}
