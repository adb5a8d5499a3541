/** AdamW: Loshchilov and Hutter, Decoupled Weight Decay Regularization (arXiv 1711.05101), Algorithm 2. */

import { add, div, mul, sqrt, sub } from '@patchslim/tensor';
import { isMatrix, type Optimizer } from './optimizer.js';

/** Options of `adamW`. */
export interface AdamWOptions {
  /** λ, multiplied by the learning rate; only for matrices. @default 0.05 */
  readonly weightDecay?: number | undefined;
  /** Factor on the rate of matrices: those of a pretrained network need smaller steps than norms and biases. @default 1 */
  readonly matrixRate?: number | undefined;
  /** @default 0.9 */
  readonly beta1?: number | undefined;
  /** @default 0.999 */
  readonly beta2?: number | undefined;
  /** ε. @default 1e-8 */
  readonly epsilon?: number | undefined;
}

/** AdamW: Adam with decoupled weight decay, only for matrices. */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const { weightDecay = 0.05, matrixRate = 1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    name: 'adamw',
    slots: 2,
    scalars: (step) => [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)],
    update(param, gradient, [first, second], rate, [firstCorrection, secondCorrection]) {
      const m = add(mul(first!, beta1), mul(gradient, 1 - beta1));
      const v = add(mul(second!, beta2), mul(mul(gradient, gradient), 1 - beta2));
      const direction = div(mul(m, firstCorrection!), add(sqrt(mul(v, secondCorrection!)), epsilon));
      const matrix = isMatrix(param.shape);
      const whole = weightDecay > 0 && matrix ? add(direction, mul(param, weightDecay)) : direction;
      const own = matrix && matrixRate !== 1 ? mul(rate, matrixRate) : rate;
      return { param: sub(param, mul(whole, own)), slots: [m, v] };
    },
  };
}
