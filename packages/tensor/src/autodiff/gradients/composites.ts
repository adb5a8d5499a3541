/** Composites whose own gradient is cheaper than the gradients of their parts. */

import { softmax } from '../../composites/softmax.js';
import { mean } from '../../composites/moments.js';
import {
  add,
  div,
  erf,
  exp,
  greater,
  maximum,
  mul,
  neg,
  rsqrt,
  sqrt,
  sub,
  where,
} from '../../ops/elementwise.js';
import { sum } from '../../ops/reduction.js';
import type { Tensor } from '../../tensor.js';
import { zero } from './elementwise.js';
import { unbroadcast, type Gradients } from './gradient.js';

const keepDims = { keepDims: true };

export const compositeGradients: Gradients<'softmax' | 'logSoftmax' | 'layerNorm' | 'normalize' | 'gelu'> = {
  softmax: ({ output, attrs: { axis } }, grad) => [
    () => mul(output, sub(grad, sum(mul(grad, output), axis, keepDims))),
  ],
  logSoftmax: ({ inputs: [x], attrs: { axis } }, grad) => [
    () => sub(grad, mul(softmax(x!, axis), sum(grad, axis, keepDims))),
  ],
  layerNorm({ inputs: [x, gamma], attrs: { epsilon } }, grad) {
    const centred = sub(x!, mean(x!, -1, keepDims));
    const scale = rsqrt(add(mean(mul(centred, centred), -1, keepDims), epsilon));
    const normed = mul(centred, scale);
    return [
      () => {
        const scaled = mul(grad, gamma!);
        const drift = add(mean(scaled, -1, keepDims), mul(normed, mean(mul(scaled, normed), -1, keepDims)));
        return mul(scale, sub(scaled, drift));
      },
      () => unbroadcast(mul(grad, normed), gamma!.shape),
      () => unbroadcast(grad, gamma!.shape),
    ];
  },
  // √ has no derivative at 0. A row with norm ≤ epsilon is divided by a constant, as in torch.nn.functional.normalize;
  // its gradient is divided by the same constant.
  normalize: ({ inputs: [x], output, attrs: { axis, epsilon } }, grad) => [
    () => {
      const length = sqrt(sum(mul(x!, x!), axis, keepDims));
      const along = sum(mul(grad, output), axis, keepDims);
      const turning = where(greater(neg(length), -epsilon), zero(grad), along);
      return div(sub(grad, mul(output, turning)), maximum(length, epsilon));
    },
  ],
  // Φ(x) + x φ(x)
  gelu: ({ inputs: [x] }, grad) => [() => mul(grad, add(normalCdf(x!), mul(x!, normalDensity(x!))))],
};

const normalCdf = (x: Tensor): Tensor => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
const normalDensity = (x: Tensor): Tensor => mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
