/** Shape algebra shared by the op definitions. Every error names the op and prints its inputs. */

import { PatchslimError } from './errors.js';
import { describe, type DType, type Shape, type TensorSpec } from './host.js';

export function fail(op: string, expected: string, inputs: readonly TensorSpec[]): never {
  const got = inputs.map(describe).join(', ');
  throw new PatchslimError('SHAPE_MISMATCH', `${op}(): ${expected}, got ${got}`, {
    op,
    shapes: inputs.map((input) => input.shape),
  });
}

export function requireDType(op: string, inputs: readonly TensorSpec[], allowed: readonly DType[]): void {
  for (const input of inputs) {
    if (!allowed.includes(input.dtype)) {
      throw new PatchslimError(
        'DTYPE_MISMATCH',
        `${op}(): expected ${allowed.join(' or ')}, got ${describe(input)}`,
        {
          op,
          dtype: input.dtype,
        },
      );
    }
  }
}

export function requireSameDType(op: string, inputs: readonly TensorSpec[]): DType {
  const dtype = inputs[0]!.dtype;
  if (inputs.some((input) => input.dtype !== dtype)) {
    throw new PatchslimError('DTYPE_MISMATCH', `${op}(): dtypes differ: ${inputs.map(describe).join(', ')}`, {
      op,
    });
  }
  return dtype;
}

/** Throws unless all values are valid lengths. */
export function requireLengths(op: string, what: string, values: readonly number[]): void {
  if (!values.every((value) => Number.isInteger(value) && value >= 0)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `${op}(): ${what} must be whole numbers from 0, got [${values.join(',')}]`,
      { op },
    );
  }
}

/** A non-negative axis; negative ones count from the end. */
export function resolveAxis(op: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `${op}(): axis ${axis} is outside a tensor of rank ${rank}`,
      { op },
    );
  }
  return resolved;
}

/** NumPy broadcasting of two shapes, or undefined if they do not match. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** Shape after reducing `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return shape.flatMap((dim, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [dim]));
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}
