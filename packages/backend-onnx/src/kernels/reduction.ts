/** Reductions and scans. */

import type { Shape } from '@patchslim/tensor';
import { int, ints, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emits } from './emit.js';

export const reduction: Emits<'sum' | 'max' | 'mean' | 'argMax' | 'cumSum'> = {
  sum(write, [x], { axes, keepDims }, output) {
    // Without axes, ONNX would reduce all of them.
    if (axes.length === 0) return x!;
    return write.node('ReduceSum', [x, write.int64(axes)], output, { keepdims: int(Number(keepDims)) });
  },

  max(write, [x], { axes, keepDims }, output) {
    if (axes.length === 0) return x!;
    return write.node('ReduceMax', [x], output, { axes: ints(axes), keepdims: int(Number(keepDims)) });
  },

  mean(write, [x], { axes, keepDims }, output) {
    if (axes.length === 0) return x!;
    return write.node('ReduceMean', [x], output, { axes: ints(axes), keepdims: int(Number(keepDims)) });
  },

  argMax: (write, [x], { axis }, { shape }) => write.narrow(argMaxPositions(write, x!, axis, shape)),

  cumSum: (write, [x], { axis }, output) => write.node('CumSum', [x, write.int64(axis)], output),
};

/** int64 positions of the largest value along an axis, the lowest position on a tie. */
export function argMaxPositions(write: Writer, x: FixedValue, axis: number, shape: Shape): FixedValue {
  const attributes = { axis: int(axis), keepdims: int(0) };
  return write.node('ArgMax', [x], { dtype: 'int64', shape }, attributes);
}
