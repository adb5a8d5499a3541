/** Ops that move values and compute nothing. */

import { int, ints } from '../graph.js';
import type { Emits } from './emit.js';

/** The end of an axis of any length: the largest int64. */
const toTheEnd = 2n ** 63n - 1n;

export const movement: Emits<'reshape' | 'transpose' | 'slice' | 'concat' | 'broadcastTo' | 'pad' | 'cast'> =
  {
    reshape: (write, [x], { shape }) => write.reshape(x!, shape),

    transpose(write, [x], { permutation }, output) {
      const moved = permutation.filter((axis) => x!.shape[axis] !== 1);
      // Only axes of length 1 move: the values stay in order.
      if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return write.reshape(x!, output.shape);
      return write.node('Transpose', [x], output, { perm: ints(permutation) });
    },

    slice(write, [x], { begin, size }, output) {
      const cut = x!.shape.map((_, axis) => axis).filter((axis) => size[axis] !== x!.shape[axis]);
      if (cut.length === 0) return x!;
      const part = cut.length === 1 ? write.partOf(x!, cut[0]!, begin[cut[0]!]!, output.shape) : undefined;
      if (part) return part;
      // For one entry Gather is faster.
      if (cut.length === 1 && size[cut[0]!] === 1) {
        const entry = write.int64([begin[cut[0]!]!]);
        return write.node('Gather', [x, entry], output, { axis: int(cut[0]!) });
      }
      const starts = cut.map((axis) => begin[axis]!);
      const ends = cut.map((axis) => {
        const end = begin[axis]! + size[axis]!;
        return end === x!.shape[axis] ? toTheEnd : end;
      });
      return write.node('Slice', [x, write.int64(starts), write.int64(ends), write.int64(cut)], output);
    },

    concat: (write, inputs, { axis }, output) => write.node('Concat', inputs, output, { axis: int(axis) }),

    broadcastTo: (write, [x], { shape }) => write.expand(x!, shape),

    pad(write, [x], { before, after, value }, output) {
      const fill = x!.dtype === 'float32' ? write.scalar(value) : write.cast(write.scalar(value), x!.dtype);
      return write.node('Pad', [x, write.int64([...before, ...after]), fill], output);
    },

    cast: (write, [x], { dtype }) => write.cast(x!, dtype),
  };
