/** Batched matrix product by its definition: rows times columns. */

import { sizeOf, type Shape } from '../host.js';
import type { OpCall } from '../op.js';
import { stridesOf } from '../shapes.js';
import type { Tensor } from '../tensor.js';
import { offsetIn, placesOf, valuesOf } from './values.js';

/** The only kernel that uses offsets instead of positions: networks spend nearly all their time here. */
export function matMul({ inputs: [a, b], attrs, output }: OpCall<'matMul'>): Float64Array {
  const left = matrices(a!, attrs.transposeA);
  const right = matrices(b!, attrs.transposeB);
  const [rows, columns] = output.shape.slice(-2) as [number, number];
  const result = new Float64Array(sizeOf(output.shape));
  let next = 0;
  for (const batch of placesOf(output.shape.slice(0, -2))) {
    const [leftStart, rightStart] = [left.startOf(batch), right.startOf(batch)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let total = 0;
        for (let inner = 0; inner < left.columns; inner++) {
          const x = left.values[leftStart + row * left.rowStride + inner * left.columnStride]!;
          const y = right.values[rightStart + inner * right.rowStride + column * right.columnStride]!;
          total += x * y;
        }
        result[next++] = total;
      }
    }
  }
  return result;
}

/** Views a tensor as a broadcast batch of matrices, transposed on request. */
function matrices(tensor: Tensor, transposed: boolean) {
  const [rowStride, columnStride] = stridesOf(tensor.shape).slice(-2) as [number, number];
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const batchShape: Shape = tensor.shape.slice(0, -2);
  const offset = offsetIn(batchShape);
  return {
    values: valuesOf(tensor),
    columns: transposed ? rows : columns,
    rowStride: transposed ? columnStride : rowStride,
    columnStride: transposed ? rowStride : columnStride,
    /** Offset of the matrix for a position in the result's batch. */
    startOf(batch: readonly number[]) {
      const own = batch.slice(batch.length - batchShape.length);
      return offset(own.map((index, axis) => (batchShape[axis] === 1 ? 0 : index))) * rows * columns;
    },
  };
}
