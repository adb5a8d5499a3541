/**
 * A backend gives the ops of the interface a meaning: execute them, record them, count them. It is a value that is
 * passed around; there is no current backend.
 */

import { PatchslimError } from './errors.js';
import { describe, sizeOf, type DataByDType, type DType, type HostTensor, type TensorSpec } from './host.js';
import { disposeAll, Memory, type TensorTree } from './memory.js';
import type { Handle, Kernels } from './op.js';
import { Tensor } from './tensor.js';

/** Named tensors: the inputs and outputs of a program. */
export type Tensors<K extends string = string> = Readonly<Record<K, Tensor>>;
export type Specs<K extends string = string> = Readonly<Record<K, TensorSpec>>;

/** A function over tensors, made ready to run many times. */
export interface Program<I extends string = string, O extends string = string> {
  readonly inputs: Specs<I>;
  readonly outputs: Specs<O>;
  /** Runs once. The caller owns the results. */
  run(inputs: Tensors<I>): Promise<Tensors<O>>;
  /** Gives compiled state back; live tensors are untouched. */
  dispose(): Promise<void>;
}

/** What a backend author writes; `createBackend` makes a `Backend` of it. */
export interface BackendDriver {
  /** Shown to people: `reference`, `onnx-cpu`, … */
  readonly name: string;
  readonly kernels: Kernels;
  upload(host: HostTensor): Handle;
  download(handle: Handle, spec: TensorSpec): Promise<DataByDType[DType]> | DataByDType[DType];
  release(handle: Handle): void;
  /** Without it, a program is its function, run in a scope. */
  compile?<I extends string, O extends string>(
    backend: Backend,
    fn: (inputs: Tensors<I>) => Tensors<O>,
    inputs: Specs<I>,
  ): Promise<Program<I, O>>;
  close?(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** Where in the model we are; set by `named`. */
  readonly path: string;
  /** A tensor with the given values. */
  constant(host: HostTensor): Tensor;
  read(tensor: Tensor): Promise<DataByDType[DType]>;
  /**
   * Prepares `fn` for inputs of fixed shapes. Tensors that `fn` closes over become constants of the program.
   * @throws what `fn` throws, and `BACKEND_UNAVAILABLE` when the runtime refuses it
   */
  compile<I extends string, O extends string>(
    fn: (inputs: Tensors<I>) => Tensors<O>,
    inputs: Specs<I>,
  ): Promise<Program<I, O>>;
  /** See `named`. */
  within<T>(path: string, body: () => T): T;
  /** Ends the runtime behind the backend. */
  close(): Promise<void>;
}

/** Completes a driver: memory, paths, checks and the default `compile`. */
export function createBackend(driver: BackendDriver): Backend {
  const memory = new Memory((handle) => driver.release(handle));
  const path: string[] = [];
  const backend: Backend = {
    name: driver.name,
    kernels: driver.kernels,
    memory,
    get path() {
      return path.join('/');
    },
    constant(host) {
      if (host.data.length !== sizeOf(host.shape)) {
        throw new PatchslimError(
          'SHAPE_MISMATCH',
          `constant(): ${describe(host)} needs ${sizeOf(host.shape)} values, got ${host.data.length}`,
        );
      }
      return new Tensor(backend, driver.upload(host), host.shape, host.dtype);
    },
    async read(tensor) {
      return driver.download(tensor.handle, tensor);
    },
    compile(fn, inputs) {
      return driver.compile ? driver.compile(backend, fn, inputs) : compileByRunning(backend, fn, inputs);
    },
    within(segment, body) {
      path.push(segment);
      try {
        return body();
      } finally {
        path.pop();
      }
    },
    async close() {
      await driver.close?.();
    },
  };
  return backend;
}

/**
 * Runs `body` and disposes every tensor made inside, except those in its result; on a throw, all of them.
 * @example const energy = scope(backend, () => sum(mul(x, x)));
 */
export function scope<T extends TensorTree>(backend: Backend, body: () => T): T {
  return backend.memory.run(body);
}

/**
 * Names a part of the model while `body` runs: nested names are joined by `/` and become the ONNX node name, the row
 * of the cost table and the place in an error.
 * @example named(backend, 'blocks.3', () => named(backend, 'attn', () => linear(x, weight)));
 */
export function named<T>(backend: Backend, path: string, body: () => T): T {
  return backend.within(path, body);
}

/** Runs a program on values in ordinary memory and leaves no tensor behind. */
export async function runOnHost<I extends string, O extends string>(
  backend: Backend,
  program: Program<I, O>,
  inputs: Readonly<Record<I, HostTensor>>,
): Promise<Record<O, HostTensor>> {
  const placed = mapValues(inputs, (host) => backend.constant(host));
  try {
    const outputs = await program.run(placed);
    try {
      const entries = await Promise.all(
        Object.entries<Tensor>(outputs).map(async ([name, tensor]) => [name, await tensor.toHost()] as const),
      );
      return Object.fromEntries(entries) as Record<O, HostTensor>;
    } finally {
      disposeAll({ ...outputs });
    }
  } finally {
    disposeAll(placed);
  }
}

/** Throws unless `inputs` are exactly what a program was compiled for. Backends call it before each run. */
export function checkProgramInputs(specs: Specs, inputs: Tensors): void {
  for (const [name, spec] of Object.entries(specs)) {
    const tensor = inputs[name];
    if (!tensor || describe(tensor) !== describe(spec)) {
      throw new PatchslimError(
        'SHAPE_MISMATCH',
        `run(): input '${name}' must be ${describe(spec)}, got ${tensor ? describe(tensor) : 'nothing'}`,
      );
    }
  }
}

/** `Object.entries` for records of one value type. */
export function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, map: (value: A, key: K) => B) {
  return Object.fromEntries(
    Object.entries<A>(record).map(([key, value]) => [key, map(value, key as K)]),
  ) as Record<K, B>;
}

async function compileByRunning<I extends string, O extends string>(
  backend: Backend,
  fn: (inputs: Tensors<I>) => Tensors<O>,
  inputs: Specs<I>,
): Promise<Program<I, O>> {
  const zeros = mapValues(inputs, (spec) => backend.constant(zerosOf(spec)));
  const trial = scope(backend, () => fn(zeros));
  const outputs = mapValues<O, Tensor, TensorSpec>(trial, ({ shape, dtype }) => ({ shape, dtype }));
  disposeAll({ ...trial });
  disposeAll(zeros);
  return Promise.resolve({
    inputs,
    outputs,
    run: async (values) => {
      checkProgramInputs(inputs, values);
      return Promise.resolve(scope(backend, () => fn(values)));
    },
    dispose: () => Promise.resolve(),
  });
}

function zerosOf({ shape, dtype }: TensorSpec): HostTensor {
  const length = sizeOf(shape);
  switch (dtype) {
    case 'float32':
      return { shape, dtype, data: new Float32Array(length) };
    case 'int32':
      return { shape, dtype, data: new Int32Array(length) };
    case 'bool':
      return { shape, dtype, data: new Uint8Array(length) };
    default:
      return dtype satisfies never;
  }
}
