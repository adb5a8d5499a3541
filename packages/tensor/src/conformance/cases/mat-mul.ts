/** Matrix products: transposes × batch broadcasting × rank. */

import { float32, type Shape } from '../../host.js';
import { matMul } from '../../ops/mat-mul.js';
import { add, mul } from '../../ops/elementwise.js';
import { noise, opCase, type ConformanceCase } from '../case.js';

// prettier-ignore
const batches: readonly (readonly [a: Shape, b: Shape])[] = [
  [[], []],
  [[2], []],
  [[], [2]],
  [[2], [2]],
  [[2], [1]],
  [[1], [2]],
  [[3, 2], []],
  [[3, 2], [2]],
  [[2], [3, 2]],
  [[3, 2], [3, 2]],
  [[3, 1], [2]],
  [[3, 1], [1, 2]],
];
const [rows, inner, columns] = [2, 3, 4];

const batchCases = batches.flatMap(([batchA, batchB]) =>
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => {
      const a = [...batchA, ...(transposeA ? [inner, rows] : [rows, inner])];
      const b = [...batchB, ...(transposeB ? [columns, inner] : [inner, columns])];
      const name = `[${a.join()}]${transposeA ? 'ᵀ' : ''} × [${b.join()}]${transposeB ? 'ᵀ' : ''}`;
      return opCase('matMul', name, [noise(a), noise(b, 2)], (x, y) =>
        matMul(x, y, { transposeA, transposeB }),
      );
    }),
  ),
);

const square = float32([2, 2], [1, 2, 3, 4]);

// prettier-ignore
export const matMulCases: readonly ConformanceCase[] = [
  ...batchCases,
  opCase('matMul', 'known values', [float32([2, 3], [1, 2, 3, 4, 5, 6]), float32([3, 2], [7, 8, 9, 10, 11, 12])], (a, b) => matMul(a, b), float32([2, 2], [58, 64, 139, 154])),
  opCase('matMul', 'known values, both transposed', [square, float32([2, 2], [5, 6, 7, 8])], (a, b) => matMul(a, b, { transposeA: true, transposeB: true }), float32([2, 2], [23, 31, 34, 46])),
  opCase('matMul', 'one row', [noise([1, 5]), noise([5, 3], 2)], (a, b) => matMul(a, b)),
  opCase('matMul', 'one column', [noise([4, 5]), noise([5, 1], 2)], (a, b) => matMul(a, b)),
  opCase('matMul', 'outer product', [noise([4, 1]), noise([1, 3], 2)], (a, b) => matMul(a, b)),
  opCase('matMul', 'inner product', [noise([1, 6]), noise([1, 6], 2)], (a, b) => matMul(a, b, { transposeB: true })),
  opCase('matMul', 'a matrix by itself', [square], (a) => matMul(a, a), float32([2, 2], [7, 10, 15, 22])),
  opCase('matMul', 'a matrix by its transpose', [square], (a) => matMul(a, a, { transposeB: true }), float32([2, 2], [5, 11, 11, 25])),
  opCase('matMul', 'larger than a tile', [noise([2, 37, 70]), noise([70, 45], 2)], (a, b) => matMul(a, b)),
  opCase('matMul', 'rank 5 batch', [noise([2, 1, 2, 2, 3]), noise([1, 2, 2, 3, 2], 2)], (a, b) => matMul(a, b)),
  opCase('matMul', 'scaled and shifted', [noise([2, 3]), noise([3, 4], 2), noise([4], 3)], (a, b, c) => add(matMul(mul(a, 0.25), b), c)),
];
