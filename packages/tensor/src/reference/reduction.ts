/** Reductions and scans. */

import type { Shape } from '../host.js';
import type { OpCall } from '../op.js';
import type { Tensor } from '../tensor.js';
import { fill, moved, offsetIn, placesOf, reader, type Place } from './values.js';

/** Folds all values over `axes`. */
function reduce(
  x: Tensor,
  axes: readonly number[],
  start: number,
  combine: (total: number, value: number) => number,
) {
  const kept: Shape = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const result = fill(kept, () => start);
  const offset = offsetIn(kept);
  const read = reader(x);
  for (const place of placesOf(x.shape)) {
    const target = offset(place.map((index, axis) => (axes.includes(axis) ? 0 : index)));
    result[target] = combine(result[target]!, read(place));
  }
  return result;
}

export const reductionKernels = {
  sum: ({ inputs: [x], attrs: { axes } }: OpCall<'sum'>) =>
    reduce(x!, axes, 0, (total, value) => total + value),

  max: ({ inputs: [x], attrs: { axes } }: OpCall<'max'>) => reduce(x!, axes, -Infinity, Math.max),

  argMax: ({ inputs: [x], attrs: { axis }, output }: OpCall<'argMax'>) => {
    const read = reader(x!);
    return fill(output.shape, (place) => {
      const line = lineAlong(x!, [...place.slice(0, axis), 0, ...place.slice(axis)], axis).map(read);
      return line.indexOf(Math.max(...line));
    });
  },

  cumSum: ({ inputs: [x], attrs: { axis }, output }: OpCall<'cumSum'>) => {
    const read = reader(x!);
    return fill(output.shape, (place) => {
      const upToHere = lineAlong(x!, place, axis).slice(0, place[axis]! + 1);
      return upToHere.map(read).reduce((total, value) => total + value);
    });
  },
};

/** All positions on the line through `place` along `axis`. */
function lineAlong(x: Tensor, place: Place, axis: number): Place[] {
  return Array.from({ length: x.shape[axis]! }, (_, index) => moved(place, axis, index));
}
