/** Matrix product. */

import { int, ints, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emits } from './emit.js';

export const matrix: Emits<'matMul'> = {
  matMul: (write, [a, b], { transposeA, transposeB }, output) =>
    write.node(
      'MatMul',
      [transposeA ? swapLastTwo(write, a!) : a, transposeB ? swapLastTwo(write, b!) : b],
      output,
    ),
};

/** With ONNX Runtime's own product of transposed factors. */
export const fusedMatrix: Emits<'matMul'> = {
  matMul(write, [a, b], { transposeA, transposeB }, output) {
    if (!transposeA && !transposeB) return write.node('MatMul', [a, b], output);
    const attributes = { transA: int(Number(transposeA)), transB: int(Number(transposeB)) };
    return write.node('FusedMatMul', [a, b], output, attributes, 'com.microsoft');
  },
};

export function swapLastTwo(write: Writer, x: FixedValue): FixedValue {
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
  const shape = perm.map((axis) => x.shape[axis]!);
  return write.node('Transpose', [x], { dtype: x.dtype, shape }, { perm: ints(perm) });
}
