/** Gradients: what a backend computes backwards has to be what the reference backend does. */

import { valueAndGrad } from '../../autodiff/value-and-grad.js';
import { attention } from '../../composites/attention.js';
import { gelu } from '../../composites/gelu.js';
import { layerNorm } from '../../composites/layer-norm.js';
import { linear } from '../../composites/linear.js';
import { logSoftmax } from '../../composites/softmax.js';
import type { Tensors } from '../../program.js';
import { int32 } from '../../host.js';
import { add, mul, sub } from '../../ops/elementwise.js';
import { gather } from '../../ops/indexing.js';
import { max, sum } from '../../ops/reduction.js';
import type { Tensor } from '../../tensor.js';
import { noise, type ConformanceCase } from '../case.js';

const width = 6;
const hidden = 8;

/** The value of `fn`, and its gradient by every input as output `d…`. */
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
