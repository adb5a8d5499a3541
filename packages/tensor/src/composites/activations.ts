/** Activations of an MLP: exact GELU, its two approximations, and SiLU. */

import { apply } from '../apply.js';
import type { Activation, OpDefinition } from '../op.js';
import { add, erf, mul, sigmoid, tanh } from '../ops/elementwise.js';
import { requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

type ActivationName = Exclude<Activation, 'none'>;

function activation<N extends ActivationName>(name: N, decompose: (x: Tensor) => Tensor): OpDefinition<N> {
  return {
    name,
    infer([x]) {
      requireDType(name, [x!], ['float32']);
      return { shape: x!.shape, dtype: 'float32' };
    },
    decompose: ([x]) => decompose(x!),
  };
}

export const geluOp = activation('gelu', (x) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)));

export const geluTanhOp = activation('geluTanh', (x) => {
  const cubed = mul(mul(mul(x, x), x), 0.044715);
  return mul(mul(x, 0.5), add(tanh(mul(add(x, cubed), Math.sqrt(2 / Math.PI))), 1));
});

export const quickGeluOp = activation('quickGelu', (x) => mul(x, sigmoid(mul(x, 1.702))));

export const siluOp = activation('silu', (x) => mul(x, sigmoid(x)));

/** `x · Φ(x) = x / 2 · (1 + erf(x / √2))`; not the tanh approximation. */
export const gelu = (x: Tensor): Tensor => apply(geluOp, [x], {});

/** The tanh approximation of GELU, as in SigLIP: `x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 x³)))`. */
export const geluTanh = (x: Tensor): Tensor => apply(geluTanhOp, [x], {});

/** The sigmoid approximation of GELU, as in OpenAI's CLIP: `x · σ(1.702 x)`. */
export const quickGelu = (x: Tensor): Tensor => apply(quickGeluOp, [x], {});

/** `x · σ(x)`, the gate of SwiGLU. */
export const silu = (x: Tensor): Tensor => apply(siluOp, [x], {});

/** Each activation by its name in the attributes of a layer. */
export const activations: { readonly [N in ActivationName]: (x: Tensor) => Tensor } = {
  gelu,
  geluTanh,
  quickGelu,
  silu,
};
