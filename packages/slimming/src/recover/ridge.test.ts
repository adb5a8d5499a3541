/** Ridge regression from sums, against the rows themselves. */

import { createRandom } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { meanDiagonal, solveRidge, squaredError, type RidgeSums } from './ridge.js';

type Matrix = readonly (readonly number[])[];

/** Numbers from -1 to 1. */
function randomMatrix(rows: number, columns: number, random: () => number): Matrix {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => 2 * random() - 1));
}

const transposed = (a: Matrix): Matrix => a[0]!.map((_, column) => a.map((row) => row[column]!));

const product = (a: Matrix, b: Matrix): Matrix => {
  const columns = transposed(b);
  return a.map((row) => columns.map((column) => row.reduce((sum, value, i) => sum + value * column[i]!, 0)));
};

const squaredNorm = (a: Matrix): number => a.flat().reduce((sum, value) => sum + value * value, 0);

const difference = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((v, j) => v - b[i]![j]!));

/** Inputs with their column of ones, and targets; both wider than one step of the loops. */
function problem(rows: number, inputs = 41, outputs = 6, seed = 1) {
  const random = createRandom(seed);
  const a = randomMatrix(rows, inputs - 1, random).map((row) => [...row, 1]);
  return { a, r: randomMatrix(rows, outputs, random) };
}

function sumsOf(a: Matrix, r: Matrix): RidgeSums {
  const flat = (matrix: Matrix) => Float64Array.from(matrix.flat());
  return {
    inputs: a[0]!.length,
    outputs: r[0]!.length,
    gram: flat(product(transposed(a), a)),
    cross: flat(product(transposed(a), r)),
    square: squaredNorm(r),
  };
}

const unflat = (x: Float64Array, columns: number): Matrix =>
  Array.from({ length: x.length / columns }, (_, i) => [...x.subarray(i * columns, (i + 1) * columns)]);

/** `‖A X − R‖² + λ ‖X‖²` without the bias, from the rows. */
function objective(a: Matrix, r: Matrix, x: Matrix, lambda: number): number {
  return squaredNorm(difference(product(a, x), r)) + lambda * squaredNorm(x.slice(0, -1));
}

/** Gauss–Jordan elimination with pivots. */
function eliminated(matrix: Matrix, right: Matrix): Matrix {
  const rows = matrix.map((row, i) => [...row, ...right[i]!]);
  for (let column = 0; column < rows.length; column++) {
    const below = rows.slice(column).map((row) => Math.abs(row[column]!));
    const pivot = column + below.indexOf(Math.max(...below));
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const chosen = rows[column]!.map((value) => value / rows[column]![column]!);
    rows.forEach((row, i) => {
      rows[i] = i === column ? chosen : row.map((value, j) => value - row[column]! * chosen[j]!);
    });
  }
  return rows.map((row) => row.slice(matrix.length));
}

function expectNear(actual: Matrix, expected: Matrix, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.sqrt(squaredNorm(difference(actual, expected)))).toBeLessThan(tolerance);
}

describe('solveRidge', () => {
  it.each([
    [200, 1e-3],
    [200, 5],
    [10, 0.5], // fewer rows than inputs
  ])('equals the solution by elimination: %s rows, λ %s', (rows, lambda) => {
    const { a, r } = problem(rows);
    const gram = product(transposed(a), a);
    const held = gram.map((row, i) =>
      row.map((value, j) => value + (i === j && i < row.length - 1 ? lambda : 0)),
    );
    const x = unflat(solveRidge(sumsOf(a, r), lambda), 6);
    expectNear(x, eliminated(held, product(transposed(a), r)), 1e-9);
  });

  it('is a minimum', () => {
    const { a, r } = problem(60);
    const x = unflat(solveRidge(sumsOf(a, r), 2), 6);
    const least = objective(a, r, x, 2);
    const random = createRandom(3);
    for (let attempt = 0; attempt < 20; attempt++) {
      const near = x.map((row) => row.map((value) => value + 0.02 * (random() - 0.5)));
      expect(objective(a, r, near, 2)).toBeGreaterThan(least);
    }
  });

  it('finds the true map when λ is tiny', () => {
    const { a } = problem(100);
    const made = randomMatrix(41, 6, createRandom(2));
    expectNear(unflat(solveRidge(sumsOf(a, product(a, made)), 1e-9), 6), made, 1e-6);
  });

  it('is the mean when λ is infinite, and near it when λ is large', () => {
    const { a, r } = problem(50);
    const means = transposed(r).map((column) => column.reduce((sum, value) => sum + value / 50, 0));
    const infinite = unflat(solveRidge(sumsOf(a, r), Infinity), 6);
    expectNear(infinite, [...Array.from({ length: 40 }, () => means.map(() => 0)), means], 1e-12);
    expectNear(unflat(solveRidge(sumsOf(a, r), 1e9), 6), infinite, 1e-6);
  });

  it('does not change the sums', () => {
    const { a, r } = problem(50);
    const sums = sumsOf(a, r);
    solveRidge(sums, 1);
    expect(sums).toEqual(sumsOf(a, r));
  });

  it('refuses a matrix that is not positive definite', () => {
    const { a, r } = problem(10);
    expect(() => solveRidge(sumsOf(a, r), -1)).toThrow(expect.objectContaining({ code: 'NUMERICAL' }));
    const sums = sumsOf(a, r);
    sums.gram[0] = NaN;
    expect(() => solveRidge(sums, 1)).toThrow(expect.objectContaining({ code: 'NUMERICAL' }));
  });
});

it('squaredError is the error on the rows', () => {
  const { a, r } = problem(30);
  const x = randomMatrix(41, 6, createRandom(4));
  const error = squaredError(sumsOf(a, r), Float64Array.from(x.flat()));
  expect(error).toBeCloseTo(objective(a, r, x, 0), 8);
});

it('meanDiagonal ignores the bias', () => {
  const { a, r } = problem(30);
  expect(meanDiagonal(sumsOf(a, r))).toBeCloseTo((squaredNorm(a) - 30) / 40, 10);
});
