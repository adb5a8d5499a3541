/**
 * Alternative kernels for ONNX Runtime's WebGPU provider, which has few operators for int64 and bool. With the standard
 * kernels it would run parts of a graph on the CPU and wait for the GPU in between.
 */

import { int32, sizeOf, type PrimitiveName } from '@patchslim/tensor';
import { int, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emit, Emits } from './emit.js';
import { alignToAxis, topPositions } from './indexing.js';
import { movement } from './movement.js';
import { argMaxPositions } from './reduction.js';

/** `0, 1, 2, …, length - 1`, each times `step`. */
const counting = (write: Writer, length: number, shape: readonly number[] = [length], step = 1) =>
  write.constant(
    int32(
      shape,
      Int32Array.from({ length }, (_, i) => i * step),
    ),
  );

/** Converts int64 positions below `length` to int32 by a lookup in 0, 1, 2, …; WebGPU has no Cast for them. */
function narrow(write: Writer, positions: FixedValue, length: number): FixedValue {
  const { shape } = positions;
  return write.node('Gather', [counting(write, length), positions], { dtype: 'int32', shape });
}

/** Without int64. */
export const oneHotByEqual: Emit<'oneHot'> = (write, [indices], { depth }, output) => {
  const column = write.reshape(indices!, [...indices!.shape, 1]);
  const chosen = write.node('Equal', [column, counting(write, depth)], { ...output, dtype: 'bool' });
  return write.cast(chosen, 'float32');
};

/** Runs a movement op on bool through int32. */
function throughInt32<N extends PrimitiveName>(emit: Emit<N>): Emit<N> {
  return (write, inputs, attrs, output) => {
    if (output.dtype !== 'bool') return emit(write, inputs, attrs, output);
    const numbers = inputs.map((input) => write.cast(input, 'int32'));
    return write.cast(emit(write, numbers, attrs, { ...output, dtype: 'int32' }), 'bool');
  };
}

export const webgpuKernels: Emits<'gather' | 'topK' | 'argMax' | 'log' | 'slice' | 'transpose' | 'concat'> = {
  gather(write, [x, indices], { axis, batchDims }, output) {
    if (batchDims === 0) return write.node('Gather', [x, indices], output, { axis: int(axis) });
    // One Gather over all rows of all images: x [P, N, …] as [P·N, …], and row n of group p is p·N + n.
    const leading = x!.shape.slice(0, axis);
    const [groups, length, rest] = [sizeOf(leading), x!.shape[axis]!, x!.shape.slice(axis + 1)];
    const count = indices!.shape[1]!;
    const everywhere = write.expand(alignToAxis(write, indices!, axis, batchDims), [...leading, count]);
    const positions = { dtype: 'int32', shape: [groups, count] } as const;
    const starts = counting(write, groups, [groups, 1], length);
    const rows = write.node('Add', [write.reshape(everywhere, positions.shape), starts], positions);
    const table = write.reshape(x!, [groups * length, ...rest]);
    const picked = { dtype: x!.dtype, shape: [groups, count, ...rest] };
    return write.reshape(write.node('Gather', [table, rows], picked, { axis: int(0) }), output.shape);
  },

  topK: (write, [x], { k }, output) =>
    narrow(write, topPositions(write, x!, k, output.shape), x!.shape.at(-1)!),

  argMax: (write, [x], { axis }, output) =>
    narrow(write, argMaxPositions(write, x!, axis, output.shape), x!.shape[axis]!),

  log(write, [x], _, output) {
    // Some GPUs flush the smallest numbers to 0.
    const isZero = write.node('Equal', [x, write.scalar(0)], { dtype: 'bool', shape: output.shape });
    return write.node('Where', [isZero, write.scalar(-Infinity), write.node('Log', [x], output)], output);
  },

  slice: throughInt32((write, [x], attrs, output) => {
    if (x!.dtype !== 'int32') return movement.slice(write, [x!], attrs, output);
    return attrs.size.reduce((value, size, axis) => {
      if (size === value.shape[axis]) return value;
      const kept = Int32Array.from({ length: size }, (_, i) => attrs.begin[axis]! + i);
      const indices = write.constant(int32([size], kept));
      const cut = { dtype: value.dtype, shape: value.shape.with(axis, size) };
      return write.node('Gather', [value, indices], cut, { axis: int(axis) });
    }, x!);
  }),

  transpose: throughInt32(movement.transpose),
  concat: throughInt32(movement.concat),
};
