/** Layer normalisation over the last axis. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { add, mul, rsqrt, sub } from '../ops/elementwise.js';
import { fail, requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';
import { mean } from './moments.js';

export const layerNormOp: OpDefinition<'layerNorm'> = {
  name: 'layerNorm',
  infer(inputs) {
    requireDType('layerNorm', inputs, ['float32']);
    const [x, gamma, beta] = inputs;
    const width = x!.shape.at(-1);
    if ([gamma!, beta!].some(({ shape }) => shape.length !== 1 || shape[0] !== width)) {
      fail('layerNorm', `gamma and beta of shape [${width}]`, inputs);
    }
    return { shape: x!.shape, dtype: 'float32' };
  },
  decompose([x, gamma, beta], { epsilon }) {
    const centred = sub(x!, mean(x!, -1, { keepDims: true }));
    const scale = rsqrt(add(mean(mul(centred, centred), -1, { keepDims: true }), epsilon));
    return add(mul(mul(centred, scale), gamma!), beta!);
  },
};

/** `(x − mean) / √(variance + epsilon) · gamma + beta` over the last axis. */
export const layerNorm = (x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor =>
  apply(layerNormOp, [x, gamma, beta], { epsilon });
