/** Gather, scatterAdd and topK. */

import { sizeOf, type Shape } from '@patchslim/tensor';
import { int, string, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emits } from './emit.js';

export const indexing: Emits<'gather' | 'scatterAdd' | 'topK'> = {
  gather(write, [x, indices], { axis, batchDims }, output) {
    if (batchDims === 0) {
      // A table takes indices of any shape: those before a reshape, so that it is done once.
      const from = x!.shape.length === 1 ? write.unshaped(either(write, indices!)) : either(write, indices!);
      const shape = x!.shape.length === 1 ? from.shape : output.shape;
      const picked = write.node('Gather', [x, from], { dtype: x!.dtype, shape }, { axis: int(axis) });
      return write.reshape(picked, output.shape);
    }
    if (x!.shape.length === 2)
      return write.node('GatherElements', [x, either(write, indices!)], output, { axis: int(1) });
    // GatherND indexes the axis after its batch axes, so the axes before `axis` are folded into one of P rows:
    // x [P, N, …], indices [P, n, 1]. It is four times faster than GatherElements.
    const leading = x!.shape.slice(0, axis);
    const [folded, count] = [sizeOf(leading), indices!.shape[1]!];
    const rest = x!.shape.slice(axis + 1);
    const rows = write.reshape(x!, [folded, x!.shape[axis]!, ...rest]);
    const perRow = write.expand(alignToAxis(write, write.widen(indices!), axis, batchDims), [
      ...leading,
      count,
    ]);
    const coordinates = write.reshape(perRow, [folded, count, 1]);
    const picked = { dtype: x!.dtype, shape: [folded, count, ...rest] };
    return write.reshape(
      write.node('GatherND', [rows, coordinates], picked, { batch_dims: int(1) }),
      output.shape,
    );
  },

  scatterAdd(write, [base, indices, updates], { axis, batchDims }, output) {
    // ScatterND is faster, but on several threads it loses updates at repeated indices (seen in ONNX
    // Runtime 1.30).
    const aligned = alignToAxis(write, either(write, indices!), axis, batchDims);
    const trailing = base!.shape.slice(axis + 1).map(() => 1);
    const everywhere = write.expand(write.reshape(aligned, [...aligned.shape, ...trailing]), updates!.shape);
    const attributes = { axis: int(axis), reduction: string('add') };
    return write.node('ScatterElements', [base, everywhere, updates], output, attributes);
  },

  topK: (write, [x], { k }, { shape }) => write.narrow(topPositions(write, x!, k, shape)),
};

/** For operators that take indices of both types. */
const either = (write: Writer, indices: FixedValue): FixedValue => write.wideOf(indices) ?? indices;

/** int64 positions of the `k` largest values along the last axis, largest first. */
export function topPositions(write: Writer, x: FixedValue, k: number, shape: Shape): FixedValue {
  const attributes = { axis: int(-1), largest: int(1), sorted: int(1) };
  const outputs = [
    { dtype: 'float32', shape },
    { dtype: 'int64', shape },
  ] as const;
  return write.nodes('TopK', [x, write.int64([k])], outputs, attributes)[1]!;
}

/** Reshapes indices `[n]` or `[B, n]` to `[(B,) 1, …, n]`, with `n` at `axis`, so that they broadcast over the other axes. */
export function alignToAxis(write: Writer, indices: FixedValue, axis: number, batchDims: 0 | 1): FixedValue {
  const between = new Array<number>(axis - batchDims).fill(1);
  return write.reshape(indices, [
    ...indices.shape.slice(0, batchDims),
    ...between,
    indices.shape[batchDims]!,
  ]);
}
