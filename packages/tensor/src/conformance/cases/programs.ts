/** Programs: properties of every compiled function, independent of its ops. */

import { attention } from '../../composites/attention.js';
import { gelu } from '../../composites/activations.js';
import { layerNorm } from '../../composites/layer-norm.js';
import { linear } from '../../composites/linear.js';
import { softmax } from '../../composites/softmax.js';
import { named } from '../../backend.js';
import { bool, float32, int32 } from '../../host.js';
import { scope } from '../../memory.js';
import { add, greater, mul, sub, where } from '../../ops/elementwise.js';
import { gather, topK } from '../../ops/indexing.js';
import { matMul } from '../../ops/mat-mul.js';
import { cast, concat, reshape, slice } from '../../ops/movement.js';
import { argMax, sum } from '../../ops/reduction.js';
import { noise, type ConformanceCase } from '../case.js';

const pair = float32([2], [1, 2]);

export const programCases: readonly ConformanceCase[] = [
  {
    name: 'program/two outputs',
    op: 'add',
    inputs: { a: pair, b: float32([2], [10, 20]) },
    run: ({ a, b }) => ({ total: add(a!, b!), difference: sub(a!, b!) }),
    expected: { total: float32([2], [11, 22]), difference: float32([2], [-9, -18]) },
  },
  {
    name: 'program/outputs of three dtypes',
    op: 'cast',
    inputs: { a: float32([3], [0.5, 2.5, -1.5]) },
    run: ({ a }) => ({ truncated: cast(a!, 'int32'), positive: greater(a!, 0), doubled: mul(a!, 2) }),
    expected: {
      truncated: int32([3], [0, 2, -1]),
      positive: bool([3], [1, 1, 0]),
      doubled: float32([3], [1, 5, -3]),
    },
  },
  {
    name: 'program/an intermediate is an output too',
    op: 'mul',
    inputs: { a: pair },
    run: ({ a }) => {
      const doubled = mul(a!, 2);
      return { doubled, squared: mul(doubled, doubled), all: concat([doubled, a!, doubled], 0) };
    },
    expected: {
      doubled: float32([2], [2, 4]),
      squared: float32([2], [4, 16]),
      all: float32([6], [2, 4, 1, 2, 2, 4]),
    },
  },
  {
    name: 'program/one tensor under two names',
    op: 'mul',
    inputs: { a: pair },
    run: ({ a }) => {
      const doubled = mul(a!, 2);
      return { first: doubled, second: doubled };
    },
    expected: { first: float32([2], [2, 4]), second: float32([2], [2, 4]) },
  },
  {
    name: 'program/an input is an output',
    op: 'add',
    inputs: { a: pair },
    run: ({ a }) => ({ same: a!, next: add(a!, 1) }),
    expected: { same: pair, next: float32([2], [2, 3]) },
  },
  {
    name: 'program/inputs of every dtype are outputs',
    op: 'reshape',
    inputs: { a: pair, b: int32([2], [-1, 7]), c: bool([2], [1, 0]) },
    run: ({ a, b, c }) => ({ a: a!, b: b!, c: c! }),
    expected: { a: pair, b: int32([2], [-1, 7]), c: bool([2], [1, 0]) },
  },
  {
    name: 'program/a constant is an output',
    op: 'add',
    inputs: { a: pair },
    constants: { k: float32([2], [5, 6]) },
    run: ({ a }, { k }) => ({ constant: k!, total: add(a!, k!) }),
    expected: { constant: float32([2], [5, 6]), total: float32([2], [6, 8]) },
  },
  {
    name: 'program/nothing depends on the input',
    op: 'add',
    inputs: { a: pair },
    constants: { k: float32([2], [5, 6]) },
    run: (_, { k }) => ({ y: add(k!, k!) }),
    expected: { y: float32([2], [10, 12]) },
  },
  {
    name: 'program/an input that is not used',
    op: 'add',
    inputs: { a: pair, unused: int32([3], [1, 2, 3]) },
    run: ({ a }) => ({ y: add(a!, 1) }),
    expected: { y: float32([2], [2, 3]) },
  },
  {
    name: 'program/no input',
    op: 'mul',
    inputs: {},
    constants: { k: pair },
    run: (_, { k }) => ({ y: mul(k!, 3) }),
    expected: { y: float32([2], [3, 6]) },
  },
  {
    name: 'program/constants closed over, used twice',
    op: 'matMul',
    inputs: { a: noise([3, 4]) },
    constants: { w: noise([4, 4], 2), indices: int32([2], [2, 0]), keep: bool([4], [1, 0, 1, 1]) },
    run: ({ a }, { w, indices, keep }) => ({
      y: where(keep!, gather(matMul(matMul(a!, w!), w!), indices!, 0), 0),
    }),
  },
  {
    name: 'program/constants made inside',
    op: 'mul',
    inputs: { a: pair },
    run: ({ a }) => ({ y: mul(a!, a!.backend.constant(float32([2, 1], [1, -1]))) }),
    expected: { y: float32([2, 2], [1, 2, -1, -2]) },
  },
  {
    name: 'program/equal numbers of two dtypes',
    op: 'add',
    inputs: { a: pair, i: int32([2], [1, 2]) },
    run: ({ a, i }) => ({ y: add(add(a!, 1), 1), j: add(add(i!, 1), 1) }),
    expected: { y: float32([2], [3, 4]), j: int32([2], [3, 4]) },
  },
  {
    name: 'program/scalars in and out',
    op: 'mul',
    inputs: { a: float32([], [3]), i: int32([], [4]), c: bool([], [1]) },
    run: ({ a, i, c }) => ({ y: mul(a!, a!), j: mul(i!, 2), z: where(c!, a!, 0) }),
    expected: { y: float32([], [9]), j: int32([], [8]), z: float32([], [3]) },
  },
  {
    name: 'program/scopes and names inside',
    op: 'add',
    inputs: { a: pair },
    run: ({ a }) => {
      const { backend } = a!;
      const inner = named(backend, 'outer', () =>
        scope(backend, () => {
          const doubled = named(backend, 'a name with spaces/and: signs', () => mul(a!, 2));
          return { kept: add(doubled, 1), list: [mul(doubled, 3)] };
        }),
      );
      return { kept: inner.kept, listed: inner.list[0]! };
    },
    expected: { kept: float32([2], [3, 5]), listed: float32([2], [6, 12]) },
  },
  {
    name: 'program/a classifier head over the tokens kept',
    op: 'topK',
    inputs: { tokens: noise([2, 6, 4]), scores: noise([2, 6], 2) },
    constants: { weight: noise([4, 3], 3) },
    run: ({ tokens, scores }, { weight }) => {
      const kept = gather(tokens!, topK(scores!, 3), 1, 1);
      const logits = linear(sum(kept, 1), weight!);
      return { logits, label: argMax(logits) };
    },
  },
  {
    name: 'program/a transformer block',
    op: 'attention',
    inputs: { x: noise([2, 5, 8]) },
    constants: {
      gamma: noise([8], 2),
      beta: noise([8], 3),
      qkv: noise([8, 24], 4),
      up: noise([8, 16], 5),
      down: noise([16, 8], 6),
    },
    run: ({ x }, { gamma, beta, qkv, up, down }) => {
      const projected = linear(layerNorm(x!, gamma!, beta!, 1e-6), qkv!);
      const [q, k, v] = [0, 8, 16].map((begin) => slice(projected, [0, 0, begin], [-1, -1, 8]));
      const attended = add(x!, attention(q!, k!, v!, 2));
      const y = add(attended, linear(gelu(linear(attended, up!)), down!));
      return { y, probabilities: softmax(reshape(y, [2, 40])) };
    },
    tolerance: 1e-4,
  },
];
