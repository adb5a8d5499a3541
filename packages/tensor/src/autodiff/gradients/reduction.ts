/** Gradients of reductions and scans. */

import type { Shape } from '../../host.js';
import type { Reduction } from '../../op.js';
import { add, div, equal, mul, sub } from '../../ops/elementwise.js';
import { broadcastTo, reshape } from '../../ops/movement.js';
import { cumSum, sum } from '../../ops/reduction.js';
import { reducedShape } from '../../shapes.js';
import type { Tensor } from '../../tensor.js';
import { toFloat } from './elementwise.js';
import type { Gradients } from './gradient.js';

export const reductionGradients: Gradients<'sum' | 'max' | 'mean' | 'cumSum'> = {
  sum: ({ inputs: [x], attrs }, grad) => [() => spread(grad, x!.shape, attrs)],
  mean: ({ inputs: [x], attrs }, grad) => [
    () => {
      const count = attrs.axes.reduce((product, axis) => product * x!.shape[axis]!, 1);
      return spread(mul(grad, 1 / count), x!.shape, attrs);
    },
  ],
  // Equal largest values share the gradient.
  max: ({ inputs: [x], attrs, output }, grad) => [
    () => {
      const largest = toFloat(equal(x!, spread(output, x!.shape, attrs)));
      return mul(div(largest, sum(largest, attrs.axes, { keepDims: true })), spread(grad, x!.shape, attrs));
    },
  ],
  // The sum over all positions from this one to the end.
  cumSum: ({ attrs: { axis } }, grad) => [
    () => add(sub(sum(grad, axis, { keepDims: true }), cumSum(grad, axis)), grad),
  ],
};

/** Repeats a reduced tensor along the axes that were reduced. */
function spread(reduced: Tensor, shape: Shape, { axes }: Reduction): Tensor {
  return broadcastTo(reshape(reduced, reducedShape(shape, axes, true)), shape);
}
