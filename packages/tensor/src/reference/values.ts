/** Access to values by position, for the kernels of the reference backend. */

import { sizeOf, type Shape } from '../host.js';
import { stridesOf } from '../shapes.js';
import type { Tensor } from '../tensor.js';

/** Indices into a tensor, outermost axis first. */
export type Place = readonly number[];

/** The values of a tensor of this backend, row-major. */
export function valuesOf(tensor: Tensor): Float64Array {
  return tensor.handle as Float64Array;
}

/** Looks up values by position, with broadcasting: trailing axes are aligned, and an axis of length 1 repeats. */
export function reader(tensor: Tensor): (place: Place) => number {
  const values = valuesOf(tensor);
  const { shape } = tensor;
  const offset = offsetBy(stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride)));
  return (place) => values[offset(place)]!;
}

/** Offset of a position in the row-major values of a tensor of this shape. */
export const offsetIn = (shape: Shape): ((place: Place) => number) => offsetBy(stridesOf(shape));

/** The strides belong to the last axes of a position. */
function offsetBy(strides: readonly number[]): (place: Place) => number {
  return (place) => {
    const missing = place.length - strides.length;
    let offset = 0;
    for (let axis = 0; axis < strides.length; axis++) offset += strides[axis]! * place[missing + axis]!;
    return offset;
  };
}

/** All positions of a shape, in row-major order, in one array that changes from step to step. */
export function* placesOf(shape: Shape): Generator<Place> {
  const size = sizeOf(shape);
  const place = shape.map(() => 0);
  for (let i = 0; i < size; i++) {
    yield place;
    let axis = shape.length - 1;
    while (axis >= 0 && ++place[axis]! === shape[axis]) place[axis--] = 0;
  }
}

/** Computes a tensor's values, one position at a time. */
export function fill(shape: Shape, valueAt: (place: Place) => number): Float64Array {
  const values = new Float64Array(sizeOf(shape));
  let i = 0;
  for (const place of placesOf(shape)) values[i++] = valueAt(place);
  return values;
}

/** The position with one index replaced. */
export function moved(place: Place, axis: number, index: number): Place {
  return place.with(axis, index);
}
