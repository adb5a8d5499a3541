/** Stochastic gradient descent with momentum, in PyTorch's form: `v ← µv + g`, `w ← w − ηv`. */

import { add, mul, sub } from '@patchslim/tensor';
import { isMatrix, type Optimizer } from './optimizer.js';

/** Options of `sgd`. */
export interface SgdOptions {
  /** µ. @default 0.9 */
  readonly momentum?: number | undefined;
  /** Added to the gradient as `λw`; only for matrices. @default 0 */
  readonly weightDecay?: number | undefined;
}

/** Stochastic gradient descent with momentum. */
export function sgd({ momentum = 0.9, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    slots: momentum > 0 ? 1 : 0,
    scalars: () => [],
    update(param, gradient, [velocity], rate) {
      const whole =
        weightDecay > 0 && isMatrix(param.shape) ? add(gradient, mul(param, weightDecay)) : gradient;
      const step = velocity ? add(mul(velocity, momentum), whole) : whole;
      return { param: sub(param, mul(step, rate)), slots: velocity ? [step] : [] };
    },
  };
}
