/** Mean, variance and unit length. */

import { apply } from '../apply.js';
import type { OpDefinition, Reduction } from '../op.js';
import { div, maximum, mul, sqrt, sub } from '../ops/elementwise.js';
import { reduction, sum, type ReduceOptions } from '../ops/reduction.js';
import { reducedShape, requireDType, resolveAxis } from '../shapes.js';
import type { Tensor } from '../tensor.js';

function moment<N extends 'mean' | 'variance'>(
  name: N,
  decompose: (x: Tensor, attrs: Reduction) => Tensor,
): OpDefinition<N> {
  return {
    name,
    infer([x], { axes, keepDims }) {
      requireDType(name, [x!], ['float32']);
      return { shape: reducedShape(x!.shape, axes, keepDims), dtype: 'float32' };
    },
    decompose: ([x], attrs) => decompose(x!, attrs),
  };
}

export const meanOp = moment('mean', (x, { axes, keepDims }) => {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return mul(sum(x, axes, { keepDims }), 1 / count);
});

export const varianceOp = moment('variance', (x, { axes, keepDims }) => {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return mean(mul(centred, centred), axes, { keepDims });
});

export const normalizeOp: OpDefinition<'normalize'> = {
  name: 'normalize',
  infer([x]) {
    requireDType('normalize', [x!], ['float32']);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  decompose([x], { axis, epsilon }) {
    const length = sqrt(sum(mul(x!, x!), axis, { keepDims: true }));
    return div(x!, maximum(length, epsilon));
  },
};

/** Mean over `axes` (by default all). */
export const mean = (x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor =>
  apply(meanOp, [x], reduction('mean', x, axes, options));

/** Population variance (divided by the count) over `axes` (by default all). */
export const variance = (x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor =>
  apply(varianceOp, [x], reduction('variance', x, axes, options));

/**
 * `x / max(‖x‖₂, epsilon)` along `axis`. A row with norm ≤ `epsilon`, such as a row of zeros, is divided by `epsilon`, and so is
 * its gradient.
 */
export const normalize = (x: Tensor, axis = -1, epsilon = 1e-12): Tensor =>
  apply(normalizeOp, [x], { axis: resolveAxis('normalize', axis, x.shape.length), epsilon });
