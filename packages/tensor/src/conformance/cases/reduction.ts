/** Reductions over every set of axes, and scans along every axis. */

import { float32, int32, type HostTensor, type Shape } from '../../host.js';
import { argMax, cumSum, max, sum } from '../../ops/reduction.js';
import { count, noise, opCase, type ConformanceCase } from '../case.js';

const axisSets: readonly (readonly number[] | undefined)[] = [
  [0],
  [1],
  [2],
  [0, 1],
  [0, 2],
  [1, 2],
  [-1, 0],
  undefined,
];
const reducers = { sum, max } as const;
const counted = (shape: Shape): HostTensor => float32(shape, count(shape));
const whole = int32([2, 3], [-4, 5, 0, 7, -8, 2]);

const reduceCases = (['sum', 'max'] as const).flatMap((op) => [
  ...axisSets.flatMap((axes) =>
    [false, true].map((keepDims) =>
      opCase(op, `axes ${axes?.join() ?? 'all'}${keepDims ? ' kept' : ''}`, [noise([2, 3, 4])], (a) =>
        reducers[op](a, axes, { keepDims }),
      ),
    ),
  ),
  opCase(op, 'axes of length 1', [noise([1, 3, 1])], (a) => reducers[op](a, [0, 2])),
  opCase(op, 'rank 4, inner axes', [noise([2, 3, 4, 5])], (a) => reducers[op](a, [1, 2])),
  opCase(op, 'of a scalar', [float32([], [-2.5])], (a) => reducers[op](a), float32([], [-2.5])),
  opCase(
    op,
    'of a vector',
    [float32([3], [1, -2, 4])],
    (a) => reducers[op](a, 0),
    float32([], [op === 'sum' ? 3 : 4]),
  ),
  opCase(op, 'long row', [noise([2, 1000])], (a) => reducers[op](a, 1)),
]);

// prettier-ignore
const knownCases = [
  opCase('sum', 'known values', [counted([2, 3])], (a) => sum(a, 0), float32([3], [3, 5, 7])),
  opCase('sum', 'int32', [whole], (a) => sum(a, 1), int32([2], [1, 1])),
  opCase('sum', 'int32, all', [whole], (a) => sum(a), int32([], [2])),
  opCase('max', 'all negative', [float32([2, 2], [-3, -1, -2, -4])], (a) => max(a, 1), float32([2], [-1, -2])),
  opCase('max', 'with minus infinity', [float32([2, 2], [-Infinity, -1, -Infinity, -Infinity])], (a) => max(a, 1), float32([2], [-1, -Infinity])),
  opCase('max', 'int32', [whole], (a) => max(a, 0), int32([3], [7, 5, 2])),
];

// prettier-ignore
const argMaxCases = [
  opCase('argMax', 'known values', [float32([2, 3], [1, 3, 2, 9, 8, 7])], (a) => argMax(a), int32([2], [1, 0])),
  opCase('argMax', 'ties: lowest position', [float32([3, 4], [1, 5, 5, 5, 2, 2, 2, 2, 0, -1, 0, -1])], (a) => argMax(a), int32([3], [1, 0, 0])),
  opCase('argMax', 'ties along the first axis', [float32([3, 2], [1, 4, 1, 5, 0, 5])], (a) => argMax(a, 0), int32([2], [0, 1])),
  opCase('argMax', 'all negative', [float32([3], [-3, -1, -2])], (a) => argMax(a), int32([], [1])),
  opCase('argMax', 'one value', [float32([2, 1], [-3, -1])], (a) => argMax(a), int32([2], [0, 0])),
  ...[0, 1, 2].map((axis) => opCase('argMax', `axis ${axis}`, [noise([3, 4, 5])], (a) => argMax(a, axis))),
];

// prettier-ignore
const cumSumCases = [
  opCase('cumSum', 'known values', [float32([2, 3], [1, 2, 3, -4, 5, 6])], (a) => cumSum(a), float32([2, 3], [1, 3, 6, -4, 1, 7])),
  opCase('cumSum', 'int32', [int32([2, 3], [1, 2, 3, 4, 5, 6])], (a) => cumSum(a, 0), int32([2, 3], [1, 2, 3, 5, 7, 9])),
  opCase('cumSum', 'rank 1', [noise([9])], (a) => cumSum(a)),
  ...[0, 1, 2].map((axis) => opCase('cumSum', `axis ${axis}`, [noise([3, 4, 5])], (a) => cumSum(a, axis))),
  opCase('cumSum', 'long row', [noise([2, 197], 4, 0, 0.01)], (a) => cumSum(a)),
];

export const reductionCases: readonly ConformanceCase[] = [
  ...reduceCases,
  ...knownCases,
  ...argMaxCases,
  ...cumSumCases,
];
