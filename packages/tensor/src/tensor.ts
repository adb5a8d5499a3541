/** A tensor: an immutable value on one backend. Ops are free functions; only reading is asynchronous. */

import type { Backend } from './backend.js';
import { PatchslimError } from './errors.js';
import {
  describe,
  type DataByDType,
  type DType,
  type HostTensor,
  type Shape,
  type TensorSpec,
} from './host.js';
import type { Handle } from './op.js';

/** The handle of every tensor of a dry run. */
export const noHandle: unique symbol = Symbol('no values');

/**
 * A value on a backend: immutable, and held until it is disposed of. Ops are free functions that take and give
 * tensors.
 */
export class Tensor implements TensorSpec {
  #handle: Handle;
  #disposed = false;

  /** Made by backends; use `backend.constant(…)` and ops. */
  constructor(
    readonly backend: Backend,
    handle: Handle,
    readonly shape: Shape,
    readonly dtype: DType,
  ) {
    this.#handle = handle;
    backend.memory.add(this);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** The backend's own value; throws `DISPOSED` after `dispose`. */
  get handle(): Handle {
    if (this.#disposed)
      throw new PatchslimError('DISPOSED', `${describe(this)} was used after it was disposed`);
    return this.#handle;
  }

  /** Copies the values out of the backend. */
  async data(): Promise<DataByDType[DType]> {
    return this.backend.read(this);
  }

  /** The tensor with its values in ordinary memory. */
  async toHost(): Promise<HostTensor> {
    return { shape: this.shape, dtype: this.dtype, data: await this.data() };
  }

  /** Gives the backend's memory back. Harmless when called again. */
  dispose(): void {
    if (this.#disposed) return;
    const handle = this.#handle;
    this.#disposed = true;
    this.#handle = undefined;
    this.backend.memory.remove(this, handle);
  }
}

/** A tensor of a dry run: it has a shape and a dtype, and can only be passed to ops and disposed. */
export const withoutValues = (backend: Backend, shape: Shape, dtype: DType): Tensor =>
  new Tensor(backend, noHandle, shape, dtype);
