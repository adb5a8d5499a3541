/** Element-wise ops: values written by hand, and broadcasting against the reference. */

import { bool, float32, int32, type HostTensor, type Shape } from '../../host.js';
import { add, greater, mul, sub, where, type Operand } from '../../ops/elementwise.js';
import * as ops from '../../ops/elementwise.js';
import { cast } from '../../ops/movement.js';
import type { Tensor } from '../../tensor.js';
import { count, noise, opCase, type ConformanceCase } from '../case.js';

type UnaryName = 'neg' | 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'abs' | 'erf' | 'tanh' | 'sigmoid';
type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow' | 'greater' | 'equal';

/** Arguments and results, with more digits than float32 holds. */
// prettier-ignore
const unaryValues: Record<UnaryName, readonly (readonly [x: number, y: number])[]> = {
  neg: [[-2, 2], [0.5, -0.5], [3e38, -3e38]],
  exp: [[0, 1], [1, 2.718281828459045], [-1, 0.36787944117144233], [-200, 0], [10, 22026.465794806718]],
  log: [[1, 0], [0.5, -0.6931471805599453], [2.718281828459045, 1], [1e-30, -69.07755278982137], [1e30, 69.07755278982137]],
  sqrt: [[0, 0], [2, 1.4142135623730951], [1e-20, 1e-10], [9e20, 3e10]],
  rsqrt: [[4, 0.5], [2, 0.7071067811865476], [1e-12, 1e6], [1e20, 1e-10]],
  abs: [[-2, 2], [0.5, 0.5], [0, 0]],
  erf: [
    [0, 0], [0.1, 0.1124629160182849], [-0.5, -0.5204998778130465], [1, 0.8427007929497149],
    [1.5, 0.9661051464753108], [-2.5, -0.999593047982555], [4, 0.9999999845827421], [-30, -1],
  ],
  tanh: [[0, 0], [0.5, 0.46211715726000974], [-2, -0.9640275800758169], [100, 1], [-100, -1]],
  sigmoid: [[0, 0.5], [1, 0.7310585786300049], [-3, 0.04742587317756678], [200, 1], [-200, 0]],
};

const floats: Record<BinaryName, readonly (readonly [a: number, b: number, y: number])[]> = {
  add: [
    [1, 2, 3],
    [-1.5, 0.25, -1.25],
  ],
  sub: [
    [1, 2, -1],
    [-1.5, 0.25, -1.75],
  ],
  mul: [
    [3, -2, -6],
    [0.5, 0.5, 0.25],
  ],
  div: [
    [1, 4, 0.25],
    [-3, 2, -1.5],
  ],
  maximum: [
    [1, 2, 2],
    [-1, -2, -1],
    [3, 3, 3],
  ],
  minimum: [
    [1, 2, 1],
    [-1, -2, -2],
    [3, 3, 3],
  ],
  pow: [
    [2, 3, 8],
    [4, 0.5, 2],
    [9, -0.5, 1 / 3],
    [5, 0, 1],
  ],
  greater: [
    [2, 1, 1],
    [1, 2, 0],
    [1, 1, 0],
    [-1, -2, 1],
  ],
  equal: [
    [2, 1, 0],
    [1, 1, 1],
    [-0.5, 0.5, 0],
    [-0, 0, 1],
  ],
};

/** Results that are the same in int32; `div` and `pow` are float32 only. */
const wholeNumbers: Partial<Record<BinaryName, readonly number[]>> = {
  add: [-8, 8, 5, 2_000_000_001],
  sub: [-6, 2, 5, 1_999_999_999],
  mul: [7, 15, 0, 2_000_000_000],
  maximum: [-1, 5, 5, 2_000_000_000],
  minimum: [-7, 3, 0, 1],
  greater: [0, 1, 1, 1],
  equal: [0, 0, 0, 0],
};
const wholeLeft = int32([4], [-7, 5, 5, 2_000_000_000]);
const wholeRight = int32([4], [-1, 3, 0, 1]);

/** Pairs that broadcast: one side, both sides, growing rank, scalars. */
// prettier-ignore
const shapePairs: readonly (readonly [Shape, Shape])[] = [
  [[2, 3], [2, 3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [[2, 1], [1, 3]],
  [[1, 3], [2, 1]],
  [[2, 3], []],
  [[], [2, 3]],
  [[], []],
  [[1], [2, 2]],
  [[2], [3, 1, 2]],
  [[4, 1, 3], [2, 1]],
  [[2, 3, 4, 5], [3, 1, 5]],
  [[2, 1, 4, 1], [2, 3, 1, 5]],
];

const binaryNames = Object.keys(floats) as BinaryName[];
const isComparison = (op: BinaryName) => op === 'greater' || op === 'equal';

function unaryCases(op: UnaryName): ConformanceCase[] {
  const pairs = unaryValues[op];
  const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
  const positive = op === 'log' || op === 'sqrt' || op === 'rsqrt';
  return [
    opCase(op, 'known values', [float32([pairs.length], xs)], ops[op], float32([pairs.length], ys)),
    opCase(op, 'scalar', [float32([], [xs[1]!])], ops[op], float32([], [ys[1]!])),
    opCase(op, 'rank 4', [noise([2, 3, 2, 5], 3, positive ? 0.1 : -4, 4)], ops[op]),
  ];
}

function binaryCases(op: BinaryName): ConformanceCase[] {
  const rows = floats[op];
  const shape = [rows.length];
  const [as, bs, ys] = [0, 1, 2].map((column) => rows.map((row) => row[column]!)) as [
    number[],
    number[],
    number[],
  ];
  const compute = ops[op];
  const expected: HostTensor = isComparison(op) ? bool(shape, ys) : float32(shape, ys);
  const known = opCase(op, 'known values', [float32(shape, as), float32(shape, bs)], compute, expected);
  const byNumber = opCase(op, 'number operand', [float32([2, 2], [0.5, 1.5, 2.5, 1])], (a) =>
    compute(a, 1.5),
  );
  // Quarters from a small range: exact in every format, and often equal, which tests `equal`.
  const quarters = (shape: Shape, factor: number) =>
    float32(
      shape,
      count(shape).map((i) => ((i * factor) % 9) / 4 + 0.25),
    );
  const broadcasts = shapePairs.map(([left, right]) =>
    opCase(
      op,
      `broadcast [${left.join()}] and [${right.join()}]`,
      [quarters(left, 5), quarters(right, 7)],
      compute,
    ),
  );
  return [known, byNumber, ...broadcasts];
}

function wholeNumberCases(op: BinaryName): ConformanceCase[] {
  const values = wholeNumbers[op];
  if (!values) return [];
  const compute = ops[op];
  const expected = isComparison(op) ? bool([4], values) : int32([4], values);
  return [
    opCase(op, 'int32', [wholeLeft, wholeRight], compute, expected),
    opCase(op, 'int32 broadcast', [int32([2, 1], [-3, 4]), int32([3], [-3, 0, 4])], compute),
    opCase(op, 'int32 number operand', [int32([3], [-3, 0, 4])], (a) => compute(a, 4)),
  ];
}

const truth = bool([2, 2], [1, 0, 0, 1]);
// prettier-ignore
const whereCases: ConformanceCase[] = [
  opCase('where', 'float32', [truth, float32([2, 2], [1, 2, 3, 4]), float32([2, 2], [5, 6, 7, 8])], where, float32([2, 2], [1, 6, 7, 4])),
  opCase('where', 'int32', [truth, int32([2, 2], [1, 2, 3, 4]), int32([2, 2], [5, 6, 7, 8])], where, int32([2, 2], [1, 6, 7, 4])),
  opCase('where', 'bool', [truth, bool([2, 2], [1, 1, 0, 0]), bool([2, 2], [0, 0, 1, 1])], where, bool([2, 2], [1, 0, 1, 0])),
  opCase('where', 'number operand', [truth, float32([2, 2], [1, 2, 3, 4])], (c, a) => where(c, a, -9), float32([2, 2], [1, -9, -9, 4])),
  opCase('where', 'condition broadcasts', [bool([2, 1], [1, 0]), noise([2, 3]), noise([2, 3], 2)], where),
  opCase('where', 'condition grows the rank', [bool([2, 1, 1], [1, 0]), noise([3, 1]), noise([4], 2)], where),
  opCase('where', 'branches grow the rank', [bool([3], [1, 0, 1]), noise([2, 1, 3]), noise([2, 1], 2)], where),
  opCase('where', 'scalars', [bool([], [0]), float32([], [1]), float32([], [2])], where, float32([], [2])),
  // Masking by multiplication would give NaN here.
  opCase('where', 'infinity in the branch not taken', [truth, float32([], [1]), float32([], [-Infinity])], (c, a, b) => where(c, a, where(c, b, 2)), float32([2, 2], [1, 2, 2, 1])),
  opCase('where', 'condition computed from values', [noise([3, 4]), noise([3, 4], 2)], (a, b) => where(greater(a, b), a, b)),
];

// prettier-ignore
const oddCases: ConformanceCase[] = [
  opCase('div', 'by zero', [float32([2], [1, -1]), float32([], [0])], ops.div, float32([2], [Infinity, -Infinity])),
  opCase('pow', 'negative base', [float32([3], [-2, -2, -3]), float32([3], [2, 3, 2])], ops.pow, float32([3], [4, -8, 9])),
  opCase('log', 'of zero', [float32([1], [0])], ops.log, float32([1], [-Infinity])),
  opCase('exp', 'of minus infinity', [float32([1], [-Infinity])], ops.exp, float32([1], [0])),
  opCase('erf', 'dense grid', [float32([601], count([601]).map((i) => (i - 300) / 75))], ops.erf, undefined, 1e-6),
  opCase('sub', 'a tensor from itself', [noise([2, 3])], (a) => sub(a, a), float32([2, 3], [0, 0, 0, 0, 0, 0])),
  opCase('mul', 'a tensor by itself', [float32([3], [-1, 2, 3])], (a) => mul(a, a), float32([3], [1, 4, 9])),
  opCase('equal', 'counting equals', [int32([4, 1], [0, 1, 2, 1]), int32([3], [0, 1, 2])], equalAsNumbers),
  opCase('add', 'long chain', [noise([2, 3])], (a) => [1, 2, 3, 4].reduce<Tensor>((total, i) => add(mul(total, 0.5), i), a)),
];

function equalAsNumbers(a: Tensor, b: Operand): Tensor {
  return cast(ops.equal(a, b), 'float32');
}

export const elementwiseCases: readonly ConformanceCase[] = [
  ...(Object.keys(unaryValues) as UnaryName[]).flatMap(unaryCases),
  ...binaryNames.flatMap(binaryCases),
  ...binaryNames.flatMap(wholeNumberCases),
  ...whereCases,
  ...oddCases,
];
