/** The layers that blocks and pools are made of. */

import {
  layerNorm,
  linear,
  mul,
  named,
  sigmoid,
  add,
  tanh,
  gelu,
  type Epilogue,
  type Tensor,
} from '@patchslim/tensor';
import { switchesOf, type Switches, type VitConfig } from './config.js';
import type { LinearParams, MlpParams, NormParams } from './params.js';

/** `x W + b`, with an epilogue. */
export const dense = (params: LinearParams<Tensor>, x: Tensor, epilogue?: Epilogue): Tensor =>
  linear(x, params.weight, params.bias, epilogue);

/** LayerNorm with the epsilon of the architecture. */
export const normed = ({ layerNormEps }: VitConfig, params: NormParams<Tensor>, x: Tensor): Tensor =>
  layerNorm(x, params.gamma, params.beta, layerNormEps);

/** What the MLP adds to `x`, without the residual: `x` is normalised already. */
export function mlpOf(config: VitConfig, params: MlpParams<Tensor>, x: Tensor, epilogue?: Epilogue): Tensor {
  const { backend } = x;
  const hidden = named(backend, 'fc1', () => hiddenOf(config, params, x));
  const ready = params.mlpNorm ? normed(config, params.mlpNorm, hidden) : hidden;
  return named(backend, 'fc2', () => dense(params.mlp2, ready, epilogue));
}

function hiddenOf(config: VitConfig, { gate, mlp1 }: MlpParams<Tensor>, x: Tensor): Tensor {
  const { activation } = switchesOf(config);
  if (gate) return mul(activated(dense(gate, x), activation), dense(mlp1, x));
  // Backends compute this one in the same pass as the layer.
  if (activation === 'gelu') return dense(mlp1, x, { activation });
  return activated(dense(mlp1, x), activation);
}

/** `x` through an activation. */
function activated(x: Tensor, activation: Switches['activation']): Tensor {
  switch (activation) {
    case 'gelu':
      return gelu(x);
    case 'gelu-tanh': {
      const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return mul(mul(x, 0.5), add(tanh(inner), 1));
    }
    case 'quick-gelu':
      return mul(x, sigmoid(mul(x, 1.702)));
    case 'silu':
      return mul(x, sigmoid(x));
    default:
      return activation satisfies never;
  }
}
