/** Softmax and its logarithm; both subtract the maximum, so nothing overflows. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { div, exp, log, sub } from '../ops/elementwise.js';
import { max, sum } from '../ops/reduction.js';
import { requireDType, resolveAxis } from '../shapes.js';
import type { Tensor } from '../tensor.js';

function overAxis<N extends 'softmax' | 'logSoftmax'>(
  name: N,
  finish: (shifted: Tensor, axis: number) => Tensor,
): OpDefinition<N> {
  return {
    name,
    infer([x]) {
      requireDType(name, [x!], ['float32']);
      return { shape: x!.shape, dtype: x!.dtype };
    },
    decompose: ([x], { axis }) => finish(sub(x!, max(x!, axis, { keepDims: true })), axis),
  };
}

export const softmaxOp = overAxis('softmax', (shifted, axis) => {
  const powers = exp(shifted);
  return div(powers, sum(powers, axis, { keepDims: true }));
});

export const logSoftmaxOp = overAxis('logSoftmax', (shifted, axis) =>
  sub(shifted, log(sum(exp(shifted), axis, { keepDims: true }))),
);

/** `exp(x) / Σ exp(x)` along an axis, by default the last. */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  apply(softmaxOp, [x], { axis: resolveAxis('softmax', axis, x.shape.length) });

/** `x − log Σ exp(x)` along an axis, by default the last. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  apply(logSoftmaxOp, [x], { axis: resolveAxis('logSoftmax', axis, x.shape.length) });
