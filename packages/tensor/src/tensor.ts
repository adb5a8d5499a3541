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
 * An immutable value on a backend, kept until it is disposed. Ops are free functions that take and return
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

  /** Copies the values from the backend. */
  async data(): Promise<DataByDType[DType]> {
    return this.backend.read(this);
  }

  /** Copies the tensor to ordinary memory. */
  async toHost(): Promise<HostTensor> {
    return { shape: this.shape, dtype: this.dtype, data: await this.data() };
  }

  /** Releases the backend's memory. Further calls do nothing. */
  dispose(): void {
    if (this.#disposed) return;
    const handle = this.#handle;
    this.#disposed = true;
    this.#handle = undefined;
    this.backend.memory.remove(this, handle);
  }
}

/** A tensor of a dry run: it has a shape and a dtype but no values, and can only be passed to ops and disposed. */
export const withoutValues = (backend: Backend, shape: Shape, dtype: DType): Tensor =>
  new Tensor(backend, noHandle, shape, dtype);
