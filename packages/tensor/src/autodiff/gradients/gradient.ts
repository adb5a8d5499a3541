/** The gradient of an op maps the gradient of its result to the gradients of its inputs, using ops of the interface. */

import { sum } from '../../ops/reduction.js';
import { reshape } from '../../ops/movement.js';
import type { OpName } from '../../op.js';
import type { Shape } from '../../host.js';
import type { Tensor } from '../../tensor.js';
import type { TapeEntry } from '../tape.js';

/**
 * One entry per input. Inputs whose gradient is not needed are not computed; an input through which no gradient flows
 * (a condition, indices) has none.
 */
export type Gradient<N extends OpName> = (
  entry: TapeEntry<N>,
  grad: Tensor,
) => readonly ((() => Tensor) | undefined)[];

export type Gradients<N extends OpName> = { readonly [K in N]: Gradient<K> };

/** Sums a gradient over the axes along which an input of `shape` was repeated. */
export function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  const added = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((dim, axis) =>
    axis < added || (shape[axis - added] === 1 && dim !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? grad : reshape(sum(grad, axes), shape);
}
