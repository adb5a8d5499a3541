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
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return (place) => {
    const missing = place.length - shape.length;
    return values[strides.reduce((offset, stride, axis) => offset + stride * place[missing + axis]!, 0)]!;
  };
}

/** Offset of a position in the row-major values of a tensor of this shape. */
export function offsetIn(shape: Shape): (place: Place) => number {
  const strides = stridesOf(shape);
  return (place) => strides.reduce((offset, stride, axis) => offset + stride * place[axis]!, 0);
}

/** All positions of a shape, in row-major order. */
export function* placesOf(shape: Shape): Generator<Place> {
  const size = sizeOf(shape);
  const strides = stridesOf(shape);
  for (let i = 0; i < size; i++) yield shape.map((dim, axis) => Math.floor(i / strides[axis]!) % dim);
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
