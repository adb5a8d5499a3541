/** Gradients: every backend must compute the same ones as the reference backend. */

import { valueAndGrad } from '../../autodiff/value-and-grad.js';
import { attention } from '../../composites/attention.js';
import { gelu } from '../../composites/activations.js';
import { layerNorm } from '../../composites/layer-norm.js';
import { linear } from '../../composites/linear.js';
import { normalize } from '../../composites/moments.js';
import { logSoftmax, softmax } from '../../composites/softmax.js';
import type { Tensors } from '../../program.js';
import { float32, int32 } from '../../host.js';
import { abs, add, maximum, minimum, mul, pow, sub } from '../../ops/elementwise.js';
import { gather } from '../../ops/indexing.js';
import { slice } from '../../ops/movement.js';
import { max, sum } from '../../ops/reduction.js';
import type { Tensor } from '../../tensor.js';
import { noise, type ConformanceCase } from '../case.js';

const width = 6;
const hidden = 8;

/** The value of `fn`, and its gradient with respect to each input as output `d…`. */
function differentiated(inputs: Tensors, fn: (inputs: Tensors) => Tensor): Tensors {
  const names = Object.keys(inputs);
  const tensors = names.map((name) => inputs[name]!);
  const { value, grads } = valueAndGrad(tensors[0]!.backend, tensors, () => fn(inputs));
  return { value, ...Object.fromEntries(names.map((name, i) => [`d${name}`, grads[i]!])) };
}

const block = (p: Tensors): Tensor => {
  const normed = layerNorm(p['x']!, p['gamma']!, p['beta']!, 1e-6);
  const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(normed, p[name]!));
  const middle = add(p['x']!, linear(attention(q!, k!, v!, 2), p['o']!));
  return add(middle, linear(gelu(linear(middle, p['w1']!, p['b1'])), p['w2']!));
};

export const gradientCases: readonly ConformanceCase[] = [
  {
    name: 'gradient/of a transformer block',
    op: 'attention',
    inputs: {
      x: noise([2, 4, width], 1),
      gamma: noise([width], 2),
      beta: noise([width], 3),
      q: noise([width, width], 4),
      k: noise([width, width], 5),
      v: noise([width, width], 6),
      o: noise([width, width], 7),
      w1: noise([width, hidden], 8),
      b1: noise([hidden], 9),
      w2: noise([hidden, width], 10),
    },
    run: (inputs) => differentiated(inputs, (p) => sum(mul(block(p), block(p)))),
    tolerance: 1e-4,
  },
  {
    name: 'gradient/of a cross-entropy after a selection',
    op: 'gather',
    inputs: { x: noise([2, 5, width], 11), w: noise([width, 3], 12), target: noise([2, 3], 13) },
    constants: { rows: int32([2, 2], [4, 0, 2, 2]) },
    run: (inputs, { rows }) =>
      differentiated(inputs, ({ x, w, target }) => {
        const logits = max(linear(gather(x!, rows!, 1, 1), w!), 1);
        return sum(mul(logSoftmax(logits), target!));
      }),
    tolerance: 1e-4,
  },
  {
    name: 'gradient/of a power at base 0',
    op: 'pow',
    inputs: { a: float32([5], [0, 0, 0, 0, 2]), b: float32([5], [3, 2, 1, 0, 3]) },
    run: (inputs) => differentiated(inputs, ({ a, b }) => sum(pow(a!, b!))),
    expected: {
      value: float32([], [9]),
      da: float32([5], [0, 0, 1, 0, 12]),
      db: float32([5], [0, 0, 0, 0, 8 * Math.LN2]),
    },
  },
  {
    name: 'gradient/of normalised rows, one of zeros and one shorter than epsilon',
    op: 'normalize',
    inputs: { x: float32([3, 2], [3, 4, 0, 0, 0.03, 0.04]) },
    constants: { w: float32([2], [1, 2]) },
    run: (inputs, { w }) => differentiated(inputs, ({ x }) => sum(mul(normalize(x!, 1, 0.5), w!))),
    expected: {
      value: float32([], [2.42]),
      dx: float32([3, 2], [-0.064, 0.048, 2, 4, 2, 4]),
    },
  },
  {
    name: 'gradient/of a normalised row of zeros',
    op: 'normalize',
    inputs: { x: float32([1, 3], [0, 0, 0]) },
    constants: { w: float32([3], [1, -2, 0]) },
    run: (inputs, { w }) => differentiated(inputs, ({ x }) => sum(mul(normalize(x!), w!))),
    expected: { value: float32([], [0]), dx: float32([1, 3], [1e12, -2e12, 0]) },
  },
  {
    name: 'gradient/where values are 0 or equal',
    op: 'maximum',
    inputs: { a: float32([4], [0, 1, -2, 3]), b: float32([4], [0, 2, -2, 1]) },
    run: (inputs) =>
      differentiated(inputs, ({ a, b }) =>
        add(sum(add(maximum(a!, b!), mul(minimum(a!, b!), 3))), add(sum(abs(a!)), max(abs(mul(b!, 2))))),
      ),
    expected: {
      value: float32([], [13]),
      da: float32([4], [2, 4, 1, 2]),
      db: float32([4], [2, 2, 1, 3]),
    },
  },
  {
    name: 'gradient/of a softmax over minus infinity',
    op: 'softmax',
    inputs: { x: float32([2, 3], [0, -Infinity, 0, -Infinity, 1, 1]) },
    constants: { w: float32([3], [1, 5, 2]) },
    run: (inputs, { w }) =>
      differentiated(inputs, ({ x }) =>
        add(sum(mul(softmax(x!), w!)), sum(slice(logSoftmax(x!), [0, 2], [-1, 1]))),
      ),
    expected: {
      value: float32([], [5 - 2 * Math.LN2]),
      dx: float32([2, 3], [-0.75, 0, 0.75, 0, 0.25, -0.25]),
    },
  },
  {
    name: 'gradient/and the step of an optimiser in one program',
    op: 'sub',
    inputs: { w: noise([3, 2], 14), x: noise([4, 3], 15) },
    run({ w, x }) {
      const { value, dw } = differentiated({ w: w! }, (p) => {
        const y = linear(x!, p['w']!);
        return sum(mul(y, y));
      });
      return { value: value!, next: sub(w!, mul(dw!, 0.1)) };
    },
    tolerance: 1e-4,
  },
];
