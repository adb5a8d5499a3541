/** Ops that move values: every result is exact. */

import { bool, float32, int32, type DType, type HostTensor, type Shape } from '../../host.js';
import { broadcastTo, cast, concat, pad, reshape, slice, transpose } from '../../ops/movement.js';
import { count, opCase, type ConformanceCase } from '../case.js';

const counted = (shape: Shape): HostTensor => float32(shape, count(shape));
// prettier-ignore
const dtypes: Record<DType, (shape: Shape) => HostTensor> = {
  float32: counted,
  int32: (shape) => int32(shape, count(shape)),
  bool: (shape) => bool(shape, count(shape).map((i) => Number(i % 3 === 0))),
};
const othersThanFloat = ['int32', 'bool'] as const;

const reshapeCases = [
  opCase('reshape', 'to a matrix', [counted([6])], (a) => reshape(a, [2, 3]), counted([2, 3])),
  opCase('reshape', 'computed dimension', [counted([2, 3, 4])], (a) => reshape(a, [4, -1]), counted([4, 6])),
  opCase('reshape', 'to the same shape', [counted([2, 3])], (a) => reshape(a, [2, 3]), counted([2, 3])),
  opCase('reshape', 'scalar to rank 3', [counted([])], (a) => reshape(a, [1, 1, 1]), counted([1, 1, 1])),
  opCase('reshape', 'one value to a scalar', [counted([1, 1])], (a) => reshape(a, []), counted([])),
  opCase(
    'reshape',
    'to rank 6',
    [counted([4, 6])],
    (a) => reshape(a, [2, 2, 1, 3, 2, 1]),
    counted([2, 2, 1, 3, 2, 1]),
  ),
  ...othersThanFloat.map((dtype) =>
    opCase('reshape', dtype, [dtypes[dtype]([2, 3])], (a) => reshape(a, [3, 2]), dtypes[dtype]([3, 2])),
  ),
];

// prettier-ignore
const permutations: readonly (readonly number[])[] = [
  [0],
  [0, 1], [1, 0],
  [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  [0, 2, 1, 3], [3, 1, 0, 2], [0, 1, 3, 2], [3, 2, 1, 0],
  [0, 3, 1, 4, 2],
];
// prettier-ignore
const transposeCases = [
  ...permutations.map((permutation) =>
    opCase('transpose', `[${permutation.join()}]`, [counted([2, 3, 4, 5, 2].slice(0, permutation.length))], (a) =>
      transpose(a, permutation),
    ),
  ),
  opCase('transpose', 'known values', [counted([2, 3])], (a) => transpose(a, [1, 0]), float32([3, 2], [0, 3, 1, 4, 2, 5])),
  opCase('transpose', 'there and back', [counted([2, 3, 4])], (a) => transpose(transpose(a, [2, 0, 1]), [1, 2, 0]), counted([2, 3, 4])),
  ...othersThanFloat.map((dtype) =>
    opCase('transpose', dtype, [dtypes[dtype]([2, 3])], (a) => transpose(a, [1, 0])),
  ),
];

// prettier-ignore
const sliceCases = [
  opCase('slice', 'inner box', [counted([3, 4])], (a) => slice(a, [1, 1], [2, 2]), float32([2, 2], [5, 6, 9, 10])),
  opCase('slice', 'whole tensor', [counted([2, 3])], (a) => slice(a, [0, 0], [2, 3]), counted([2, 3])),
  opCase('slice', 'size -1 reaches the end', [counted([3, 4])], (a) => slice(a, [1, 2], [1, -1]), float32([1, 2], [6, 7])),
  opCase('slice', 'rank 1', [counted([5])], (a) => slice(a, [3], [2]), float32([2], [3, 4])),
  opCase('slice', 'rank 4', [counted([2, 3, 4, 5])], (a) => slice(a, [1, 0, 2, 1], [1, 2, 2, 3])),
  opCase('slice', 'class token', [counted([2, 5, 3])], (a) => slice(a, [0, 0, 0], [-1, 1, -1])),
  ...othersThanFloat.map((dtype) =>
    opCase('slice', dtype, [dtypes[dtype]([3, 3])], (a) => slice(a, [1, 0], [2, 2])),
  ),
];

// prettier-ignore
const concatCases = [
  ...[0, 1, 2, -1].map((axis) => {
    const shape = (length: number) => [2, 3, 4].with(axis, length);
    return opCase('concat', `axis ${axis}`, [counted(shape(1)), counted(shape(2)), counted(shape(3))], (a, b, c) =>
      concat([a, b, c], axis),
    );
  }),
  opCase('concat', 'known values', [counted([2, 1]), float32([2, 2], [5, 6, 7, 8])], (a, b) => concat([a, b], 1), float32([2, 3], [0, 5, 6, 1, 7, 8])),
  opCase('concat', 'one tensor', [counted([2, 2])], (a) => concat([a], 0), counted([2, 2])),
  opCase('concat', 'a tensor twice', [counted([2])], (a) => concat([a, a], 0), float32([4], [0, 1, 0, 1])),
  opCase('concat', 'nine tensors', [counted([1, 2])], (a) => concat(new Array(9).fill(a), 0)),
  ...othersThanFloat.map((dtype) =>
    opCase('concat', dtype, [dtypes[dtype]([2, 3]), dtypes[dtype]([1, 3])], (a, b) => concat([a, b], 0)),
  ),
];

// prettier-ignore
const broadcastPairs: readonly (readonly [from: Shape, to: Shape])[] = [
  [[], [2, 3]],
  [[1], [4]],
  [[3], [2, 3]],
  [[2, 1], [2, 3]],
  [[1, 3], [2, 3]],
  [[2, 3], [2, 3]],
  [[2, 1, 2], [2, 3, 2]],
  [[3, 1], [2, 2, 3, 2]],
];
// prettier-ignore
const broadcastCases = [
  ...broadcastPairs.map(([from, to]) =>
    opCase('broadcastTo', `[${from.join()}] to [${to.join()}]`, [counted(from)], (a) => broadcastTo(a, to)),
  ),
  opCase('broadcastTo', 'known values', [counted([2, 1])], (a) => broadcastTo(a, [2, 3]), float32([2, 3], [0, 0, 0, 1, 1, 1])),
  ...othersThanFloat.map((dtype) =>
    opCase('broadcastTo', dtype, [dtypes[dtype]([2, 1])], (a) => broadcastTo(a, [3, 2, 2])),
  ),
];

// prettier-ignore
const padCases = [
  opCase('pad', 'known values', [float32([1, 2], [1, 2])], (a) => pad(a, [1, 0], [0, 1]), float32([2, 3], [0, 0, 0, 1, 2, 0])),
  opCase('pad', 'with a value', [counted([2, 2])], (a) => pad(a, [1, 2], [2, 1], -1.5)),
  opCase('pad', 'by nothing', [counted([2, 2])], (a) => pad(a, [0, 0], [0, 0]), counted([2, 2])),
  opCase('pad', 'rank 1', [counted([2])], (a) => pad(a, [2], [1], 9), float32([5], [9, 9, 0, 1, 9])),
  opCase('pad', 'rank 3', [counted([2, 2, 2])], (a) => pad(a, [1, 0, 1], [0, 1, 0], 0.5)),
  opCase('pad', 'rank 4', [counted([1, 2, 2, 2])], (a) => pad(a, [0, 0, 1, 1], [0, 0, 1, 1])),
  opCase('pad', 'int32', [int32([2], [1, 2])], (a) => pad(a, [1], [1], -3), int32([4], [-3, 1, 2, -3])),
];

const fractions = float32([8], [-2.7, -1, -0.5, -0, 0, 0.5, 1, 2.7]);
const integers = int32([4], [-3, 0, 1, 7]);
const truths = bool([2], [1, 0]);
// prettier-ignore
const castCases = [
  opCase('cast', 'float32 to int32 truncates', [fractions], (a) => cast(a, 'int32'), int32([8], [-2, -1, 0, 0, 0, 0, 1, 2])),
  opCase('cast', 'float32 to bool', [fractions], (a) => cast(a, 'bool'), bool([8], [1, 1, 1, 0, 0, 1, 1, 1])),
  opCase('cast', 'float32 to float32', [fractions], (a) => cast(a, 'float32'), fractions),
  opCase('cast', 'int32 to float32', [integers], (a) => cast(a, 'float32'), float32([4], [-3, 0, 1, 7])),
  opCase('cast', 'int32 to bool', [integers], (a) => cast(a, 'bool'), bool([4], [1, 0, 1, 1])),
  opCase('cast', 'int32 to int32', [integers], (a) => cast(a, 'int32'), integers),
  opCase('cast', 'bool to float32', [truths], (a) => cast(a, 'float32'), float32([2], [1, 0])),
  opCase('cast', 'bool to int32', [truths], (a) => cast(a, 'int32'), int32([2], [1, 0])),
  opCase('cast', 'bool to bool', [truths], (a) => cast(a, 'bool'), truths),
  opCase('cast', 'scalar', [float32([], [1.9])], (a) => cast(a, 'int32'), int32([], [1])),
];

export const movementCases: readonly ConformanceCase[] = [
  ...reshapeCases,
  ...transposeCases,
  ...sliceCases,
  ...concatCases,
  ...broadcastCases,
  ...padCases,
  ...castCases,
];
