/** Tensors in ordinary memory: files are read into them, and backends read and return them. */

import { PatchslimError } from './errors.js';

/** Element type of a tensor. */
export type DType = 'float32' | 'int32' | 'bool';

/** Dimensions, outermost first. A scalar has shape `[]`. */
export type Shape = readonly number[];

/** Element storage by dtype; `bool` is one byte of 0 or 1. */
export interface DataByDType {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/** The storage of the values of a tensor, row-major. */
export type HostData = DataByDType[DType];

/** Shape and element type without values. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A dense row-major tensor in ordinary memory. */
export interface HostTensor<D extends DType = DType> extends TensorSpec {
  readonly dtype: D;
  readonly data: DataByDType[D];
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Formats a tensor for errors and dumps: `float32[8,197,192]`. */
export function describe(spec: TensorSpec): string {
  return `${spec.dtype}[${spec.shape.join(',')}]`;
}

/**
 * A float32 host tensor. A `Float32Array` is not copied.
 *
 * @throws `SHAPE_MISMATCH` unless the values fit the shape
 */
export function float32(shape: Shape, data: Float32Array | readonly number[]): HostTensor<'float32'> {
  return checked({
    shape,
    dtype: 'float32',
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  });
}

/**
 * An int32 host tensor. An `Int32Array` is not copied.
 *
 * @throws as `float32`
 */
export function int32(shape: Shape, data: Int32Array | readonly number[]): HostTensor<'int32'> {
  return checked({ shape, dtype: 'int32', data: data instanceof Int32Array ? data : Int32Array.from(data) });
}

/**
 * A bool host tensor of bytes 0 and 1. A `Uint8Array` is not copied.
 *
 * @throws as `float32`
 */
export function bool(shape: Shape, data: Uint8Array | readonly number[]): HostTensor<'bool'> {
  return checked({ shape, dtype: 'bool', data: data instanceof Uint8Array ? data : Uint8Array.from(data) });
}

/** A copy of values in the storage of a dtype. */
export function hostData(values: ArrayLike<number>, dtype: DType): HostData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(values);
    case 'int32':
      return new Int32Array(values);
    case 'bool':
      return new Uint8Array(values);
    default:
      return dtype satisfies never;
  }
}

function checked<D extends DType>(tensor: HostTensor<D>): HostTensor<D> {
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new PatchslimError(
      'SHAPE_MISMATCH',
      `${describe(tensor)} needs ${sizeOf(tensor.shape)} values, got ${tensor.data.length}`,
      { shape: tensor.shape, length: tensor.data.length },
    );
  }
  return tensor;
}
