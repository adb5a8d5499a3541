/** Gather, scatterAdd and topK, and selections that combine them. */

import { bool, float32, int32, type HostTensor, type Shape } from '../../host.js';
import { gather, scatterAdd, topK } from '../../ops/indexing.js';
import { broadcastTo } from '../../ops/movement.js';
import { sum } from '../../ops/reduction.js';
import { count, noise, opCase, type ConformanceCase } from '../case.js';

const counted = (shape: Shape): HostTensor => float32(shape, count(shape));
const shapes: readonly Shape[] = [[5], [3, 4], [2, 5, 3], [2, 3, 4, 2]];

interface Selection {
  readonly name: string;
  readonly shape: Shape;
  readonly axis: number;
  readonly batchDims: 0 | 1;
  readonly indices: HostTensor;
  /** Shape of the gathered tensor, and of the updates to scatter. */
  readonly selected: Shape;
}

/** Every axis × batchDims of every shape, with unsorted and repeated indices. */
const selections: readonly Selection[] = shapes.flatMap((shape) =>
  shape.flatMap((length, axis) =>
    ([0, 1] as const)
      .filter((batchDims) => batchDims === 0 || axis > 0)
      .map((batchDims): Selection => {
        const picks = 4;
        const rows = batchDims === 0 ? [picks] : [shape[0]!, picks];
        const indices = int32(
          rows,
          count(rows).map((i) => (length - 1 + 2 * i + Math.floor(i / picks)) % length),
        );
        const name = `[${shape.join()}] axis ${axis} batchDims ${batchDims}`;
        return { name, shape, axis, batchDims, indices, selected: shape.with(axis, picks) };
      }),
  ),
);

// prettier-ignore
const gatherCases = [
  ...selections.map(({ name, shape, axis, batchDims, indices }) =>
    opCase('gather', name, [counted(shape), indices], (a, i) => gather(a, i, axis, batchDims)),
  ),
  opCase('gather', 'known values', [counted([2, 3]), int32([2], [2, 0])], (a, i) => gather(a, i, 1), float32([2, 2], [2, 0, 5, 3])),
  opCase('gather', 'known values by row', [counted([2, 3]), int32([2, 2], [2, 0, 1, 1])], (a, i) => gather(a, i, 1, 1), float32([2, 2], [2, 0, 4, 4])),
  opCase('gather', 'more picks than entries', [counted([2]), int32([5], [1, 1, 0, 1, 0])], (a, i) => gather(a, i, 0), float32([5], [1, 1, 0, 1, 0])),
  opCase('gather', 'one pick', [counted([2, 3]), int32([1], [1])], (a, i) => gather(a, i, -1), float32([2, 1], [1, 4])),
  opCase('gather', 'int32', [int32([2, 2], [1, 2, 3, 4]), int32([2, 1], [1, 0])], (a, i) => gather(a, i, 1, 1), int32([2, 1], [2, 3])),
  opCase('gather', 'bool', [bool([3], [1, 0, 0]), int32([2], [2, 0])], (a, i) => gather(a, i, 0), bool([2], [0, 1])),
  opCase('gather', 'tokens kept by every image', [noise([2, 7, 4]), int32([3], [0, 3, 6])], (a, i) => gather(a, i, 1)),
];

// prettier-ignore
const scatterCases = [
  ...selections.map(({ name, shape, axis, batchDims, indices, selected }) =>
    opCase('scatterAdd', name, [noise(shape), indices, noise(selected, 2)], (a, i, u) =>
      scatterAdd(a, i, u, axis, batchDims),
    ),
  ),
  opCase('scatterAdd', 'repeated indices add up', [float32([3], [10, 20, 30]), int32([4], [1, 1, 1, 0]), float32([4], [1, 2, 3, 4])], (a, i, u) => scatterAdd(a, i, u, 0), float32([3], [14, 26, 30])),
  opCase('scatterAdd', 'by row', [float32([2, 2], [0, 0, 0, 0]), int32([2, 1], [1, 0]), float32([2, 1], [5, 7])], (a, i, u) => scatterAdd(a, i, u, 1, 1), float32([2, 2], [0, 5, 7, 0])),
  opCase('scatterAdd', 'int32', [int32([2], [1, 2]), int32([3], [0, 0, 1]), int32([3], [10, 20, 30])], (a, i, u) => scatterAdd(a, i, u, 0), int32([2], [31, 32])),
  opCase('scatterAdd', 'many onto one', [float32([1, 2], [0, 0]), int32([6], [0, 0, 0, 0, 0, 0]), noise([6, 2])], (a, i, u) => scatterAdd(a, i, u, 0)),
];

const rank3 = float32([2, 2, 5], [3, 1, 2, 1, 3, 0, 0, 0, 0, 0, -1, -2, -1, -3, -2, 5, 4, 3, 2, 1]);
// prettier-ignore
const topKCases = [
  opCase('topK', 'known values', [float32([4], [0.1, 0.4, 0.2, 0.3])], (a) => topK(a, 2), int32([2], [1, 3])),
  opCase('topK', 'ties: lower position first', [float32([6], [1, 3, 2, 3, 1, 3])], (a) => topK(a, 4), int32([4], [1, 3, 5, 2])),
  opCase('topK', 'a tie at the cut', [float32([5], [1, 2, 2, 2, 3])], (a) => topK(a, 2), int32([2], [4, 1])),
  opCase('topK', 'all equal', [float32([5], [7, 7, 7, 7, 7])], (a) => topK(a, 5), int32([5], [0, 1, 2, 3, 4])),
  opCase('topK', 'all', [float32([2, 3], [1, 2, 3, 3, 1, 2])], (a) => topK(a, 3), int32([2, 3], [2, 1, 0, 0, 2, 1])),
  opCase('topK', 'first only', [float32([2, 3], [1, 5, 5, 0, 0, -1])], (a) => topK(a, 1), int32([2, 1], [1, 0])),
  opCase('topK', 'rank 3 with ties', [rank3], (a) => topK(a, 3), int32([2, 2, 3], [0, 4, 2, 0, 1, 2, 0, 2, 1, 0, 1, 2])),
  opCase('topK', 'zeros of both signs are equal', [float32([4], [-0, 0, -0, 0])], (a) => topK(a, 4), int32([4], [0, 1, 2, 3])),
  opCase('topK', 'minus infinity comes last', [float32([4], [-Infinity, -3, -Infinity, 2])], (a) => topK(a, 4), int32([4], [3, 1, 0, 2])),
  opCase('topK', 'ties in a long row', [float32([2, 197], count([2, 197]).map((i) => (i * 7) % 13))], (a) => topK(a, 98)),
];

// prettier-ignore
const selectionCases = [
  opCase('topK', 'then gather the tokens of each image', [noise([2, 7]), noise([2, 7, 3], 5)], (scores, x) => gather(x, topK(scores, 3), 1, 1)),
  opCase('topK', 'then scatter tokens back', [noise([2, 5]), noise([2, 3, 2], 5), float32([2, 5, 2], new Float32Array(20))], (scores, x, base) => scatterAdd(base, topK(scores, 3), x, 1, 1)),
  opCase('gather', 'then scatter back', [noise([2, 6, 3]), int32([2, 3], [5, 0, 2, 1, 1, 4])], (x, i) => scatterAdd(x, i, gather(x, i, 1, 1), 1, 1)),
  opCase('scatterAdd', 'counting visits', [float32([], [0]), int32([5], [1, 3, 1, 1, 0]), float32([], [1])], (zero, i, one) => scatterAdd(broadcastTo(zero, [4]), i, broadcastTo(one, [5]), 0), float32([4], [1, 3, 0, 1])),
  opCase('gather', 'then reduce', [noise([2, 6, 3]), int32([4], [0, 1, 1, 5])], (x, i) => sum(gather(x, i, 1), 1)),
];

export const indexingCases: readonly ConformanceCase[] = [
  ...gatherCases,
  ...scatterCases,
  ...topKCases,
  ...selectionCases,
];
