/** Kernels that move values. */

import type { DType } from '../host.js';
import type { OpCall } from '../op.js';
import { fill, moved, reader, valuesOf } from './values.js';

export const movementKernels = {
  // Values are immutable, so two tensors may share them.
  reshape: ({ inputs: [x] }: OpCall<'reshape'>) => valuesOf(x!),

  transpose: ({ inputs: [x], attrs, output }: OpCall<'transpose'>) => {
    const read = reader(x!);
    return fill(output.shape, (place) =>
      read(place.map((_, axis) => place[attrs.permutation.indexOf(axis)]!)),
    );
  },

  slice: ({ inputs: [x], attrs, output }: OpCall<'slice'>) => {
    const read = reader(x!);
    return fill(output.shape, (place) => read(place.map((index, axis) => index + attrs.begin[axis]!)));
  },

  concat: ({ inputs, attrs: { axis }, output }: OpCall<'concat'>) => {
    const sources = inputs.flatMap((input) => {
      const read = reader(input);
      return Array.from({ length: input.shape[axis]! }, (_, index) => ({ read, index }));
    });
    return fill(output.shape, (place) => {
      const { read, index } = sources[place[axis]!]!;
      return read(moved(place, axis, index));
    });
  },

  broadcastTo: ({ inputs: [x], output }: OpCall<'broadcastTo'>) => fill(output.shape, reader(x!)),

  pad: ({ inputs: [x], attrs: { before, value }, output }: OpCall<'pad'>) => {
    const read = reader(x!);
    return fill(output.shape, (place) => {
      const source = place.map((index, axis) => index - before[axis]!);
      const inside = source.every((index, axis) => index >= 0 && index < x!.shape[axis]!);
      return inside ? read(source) : value;
    });
  },

  cast: ({ inputs: [x], attrs: { dtype } }: OpCall<'cast'>) =>
    valuesOf(x!).map((value) => castValue(value, dtype)),
};

function castValue(value: number, dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return value;
    case 'int32':
      return Math.trunc(value);
    case 'bool':
      return Number(value !== 0);
    default:
      return dtype satisfies never;
  }
}
