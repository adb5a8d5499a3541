/**
 * Ridge regression from sums: `X` minimises `‖A X − R‖² + λ ‖X‖²`. `AᵀA`, `AᵀR` and `‖R‖²` suffice to find `X`, and
 * to compute the error of any `X`. The last column of `A` is 1: the last row of `X` is a bias, which `λ` does not
 * regularise. Float64 throughout.
 */

import { PatchslimError } from '@patchslim/tensor';

/** Sums of `A` `[rows, inputs]` and `R` `[rows, outputs]`. */
export interface RidgeSums {
  readonly inputs: number;
  readonly outputs: number;
  /** `AᵀA`, `[inputs, inputs]`. */
  readonly gram: Float64Array;
  /** `AᵀR`, `[inputs, outputs]`. */
  readonly cross: Float64Array;
  /** `‖R‖²`. */
  readonly square: number;
}

/**
 * The solution `X`, `[inputs, outputs]`. With `λ = Infinity` only the bias is nonzero: the mean of `R`.
 * @throws NUMERICAL when `AᵀA + λ` is not positive definite: `λ` is too small for these inputs, or inputs are not
 *   finite
 */
export function solveRidge({ inputs, outputs, gram, cross }: RidgeSums, lambda: number): Float64Array {
  const bias = inputs - 1;
  const solution = new Float64Array(inputs * outputs);
  if (lambda === Infinity) {
    const rows = gram[gram.length - 1]!;
    for (let o = 0; o < outputs; o++) solution[bias * outputs + o] = cross[bias * outputs + o]! / rows;
    return solution;
  }
  const factor = gram.slice();
  for (let i = 0; i < bias; i++) factor[i * inputs + i]! += lambda;
  factorize(factor, inputs);
  const group = new Float64Array(inputs * 4);
  for (let first = 0; first < outputs; first += 4) {
    const count = Math.min(4, outputs - first);
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < count; o++) group[i * 4 + o] = cross[i * outputs + first + o]!;
    substitute(factor, inputs, group);
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < count; o++) solution[i * outputs + first + o] = group[i * 4 + o]!;
  }
  return solution;
}

/** `‖A X − R‖²` for any `X`, on the rows behind the sums. */
export function squaredError(sums: RidgeSums, solution: Float64Array): number {
  const { inputs, outputs, gram, cross, square } = sums;
  let product = 0; // ⟨X, AᵀA X⟩, by symmetry from the lower half
  forLowerHalf(inputs, (i, j) => {
    const weight = gram[i * inputs + j]! * (i === j ? 1 : 2);
    product += weight * dot(solution, i * outputs, solution, j * outputs, outputs);
  });
  return square - 2 * dot(solution, 0, cross, 0, cross.length) + product;
}

/** Mean of the diagonal of `AᵀA` without the bias: the unit of `λ`. */
export function meanDiagonal({ inputs, gram }: RidgeSums): number {
  let total = 0;
  for (let i = 0; i < inputs - 1; i++) total += gram[i * inputs + i]!;
  return total / (inputs - 1);
}

/** Cholesky: the lower half becomes `L` with `L Lᵀ` the matrix. The upper half is neither read nor written. */
function factorize(matrix: Float64Array, size: number): void {
  forLowerHalf(size, (i, j) => {
    const rest = matrix[i * size + j]! - dot(matrix, i * size, matrix, j * size, j);
    if (j < i) {
      matrix[i * size + j] = rest / matrix[j * size + j]!;
    } else if (rest > 0) {
      matrix[i * size + i] = Math.sqrt(rest);
    } else {
      const message = `solveRidge(): expected a positive definite matrix, got pivot ${rest} in row ${i} of ${size}; take a larger λ`;
      throw new PatchslimError('NUMERICAL', message, { row: i, size });
    }
  });
}

/**
 * Visits all `j ≤ i < size`, each after its left and upper neighbours. It works on 32 rows `i` at a time, which fit
 * into the processor's cache together.
 */
function forLowerHalf(size: number, visit: (i: number, j: number) => void): void {
  for (let first = 0; first < size; first += 32) {
    const end = Math.min(first + 32, size);
    for (let j = 0; j < end; j++) for (let i = Math.max(first, j); i < end; i++) visit(i, j);
  }
}

/** Solves `L Lᵀ x = b` in place: `x` `[size, 4]` is `b` on entry. Four columns share one pass over `L`. */
function substitute(factor: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let j = 0; j < i; j++) {
      const l = factor[i * size + j]!;
      s0 += l * x[j * 4]!;
      s1 += l * x[j * 4 + 1]!;
      s2 += l * x[j * 4 + 2]!;
      s3 += l * x[j * 4 + 3]!;
    }
    const pivot = factor[i * size + i]!;
    x[i * 4] = (x[i * 4]! - s0) / pivot;
    x[i * 4 + 1] = (x[i * 4 + 1]! - s1) / pivot;
    x[i * 4 + 2] = (x[i * 4 + 2]! - s2) / pivot;
    x[i * 4 + 3] = (x[i * 4 + 3]! - s3) / pivot;
  }
  for (let i = size - 1; i >= 0; i--) {
    const pivot = factor[i * size + i]!;
    const x0 = (x[i * 4]! /= pivot);
    const x1 = (x[i * 4 + 1]! /= pivot);
    const x2 = (x[i * 4 + 2]! /= pivot);
    const x3 = (x[i * 4 + 3]! /= pivot);
    for (let j = 0; j < i; j++) {
      const l = factor[i * size + j]!;
      x[j * 4]! -= x0 * l;
      x[j * 4 + 1]! -= x1 * l;
      x[j * 4 + 2]! -= x2 * l;
      x[j * 4 + 3]! -= x3 * l;
    }
  }
}

/** Four parallel sums: a single sum would wait for each addition. */
function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += a[fromA + i]! * b[fromB + i]!;
    s1 += a[fromA + i + 1]! * b[fromB + i + 1]!;
    s2 += a[fromA + i + 2]! * b[fromB + i + 2]!;
    s3 += a[fromA + i + 3]! * b[fromB + i + 3]!;
  }
  for (; i < count; i++) s0 += a[fromA + i]! * b[fromB + i]!;
  return s0 + s1 + (s2 + s3);
}
