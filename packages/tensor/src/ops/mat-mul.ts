/** Batched matrix product. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { broadcastShapes, fail, requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const matMulOp: OpDefinition<'matMul'> = {
  name: 'matMul',
  infer(inputs, { transposeA, transposeB }) {
    const [a, b] = inputs;
    requireDType('matMul', inputs, ['float32']);
    if (a!.shape.length < 2 || b!.shape.length < 2) fail('matMul', 'tensors of rank 2 or more', inputs);
    const [rows, innerA] = lastTwo(a!.shape, transposeA);
    const [innerB, columns] = lastTwo(b!.shape, transposeB);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    if (innerA !== innerB || !batch) {
      fail(
        'matMul',
        `inner dimensions that agree (${innerA} and ${innerB}) and batches that broadcast`,
        inputs,
      );
    }
    return { shape: [...batch, rows, columns], dtype: 'float32' };
  },
};

/** `[…, m, k] × […, k, n] → […, m, n]`; leading axes broadcast. A transpose swaps an operand's last two axes first. */
export function matMul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  return apply(matMulOp, [a, b], { transposeA, transposeB });
}

function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const [row, column] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [column, row] : [row, column];
}
