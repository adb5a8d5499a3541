/** The layers that blocks and pools are made of. */

import {
  layerNorm,
  linear,
  mul,
  named,
  type Activation,
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
  const activation = activations[switchesOf(config).activation];
  if (gate) return mul(dense(gate, x, { activation }), dense(mlp1, x));
  return dense(mlp1, x, { activation });
}

/** Names of activations in the tensor interface. */
const activations = {
  gelu: 'gelu',
  'gelu-tanh': 'geluTanh',
  'quick-gelu': 'quickGelu',
  silu: 'silu',
} as const satisfies Record<Switches['activation'], Activation>;
