/** Fully connected layer, alone or with an activation and a residual. */

import { apply } from '../apply.js';
import type { TensorSpec } from '../host.js';
import type { Activation, FusedLinear, OpDefinition } from '../op.js';
import { add } from '../ops/elementwise.js';
import { matMul, matMulOp } from '../ops/mat-mul.js';
import { fail } from '../shapes.js';
import type { Tensor } from '../tensor.js';
import { activations } from './activations.js';

export const linearOp: OpDefinition<'linear'> = {
  name: 'linear',
  infer: (inputs) => inferLinear(inputs, inputs),
  decompose([x, weight, bias]) {
    const product = matMul(x!, weight!);
    return bias ? add(product, bias) : product;
  },
};

/**
 * A layer with its epilogue. It is a separate op from the plain layer because the backward pass needs its parts one by one,
 * and because graph runtimes fuse the parts themselves.
 */
export const fusedLinearOp: OpDefinition<'fusedLinear'> = {
  name: 'fusedLinear',
  infer(inputs, attrs) {
    const { residual, ...layer } = layerInputs(inputs, attrs);
    const output = inferLinear(layer.operands, inputs);
    if (residual && (residual.shape.join() !== output.shape.join() || residual.dtype !== output.dtype)) {
      fail('linear', `a residual ${output.dtype}[${output.shape.join()}]`, inputs);
    }
    return output;
  },
  decompose(inputs, attrs) {
    const { operands, residual } = layerInputs(inputs, attrs);
    const [x, weight, bias] = operands;
    const product = linear(x!, weight!, bias);
    const active = attrs.activation === 'none' ? product : activations[attrs.activation](product);
    return residual ? add(residual, active) : active;
  },
};

/** The activation and the residual after a layer. */
export interface Epilogue {
  /** @default 'none' */
  readonly activation?: Activation | undefined;
  /** Added last; has the shape of the result. */
  readonly residual?: Tensor | undefined;
}

/**
 * `residual + activation(x · weight + bias)`: x `[…, in]`, weight `[in, out]` (input first, unlike PyTorch), bias `[out]`.
 * A backend can compute all of it in one pass over the result.
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { activation = 'none', residual }: Epilogue = {},
): Tensor {
  const layer = bias ? [x, weight, bias] : [x, weight];
  if (activation === 'none' && !residual) return apply(linearOp, layer, {});
  const inputs = residual ? [...layer, residual] : layer;
  return apply(fusedLinearOp, inputs, { activation, residual: residual !== undefined });
}

/** The inputs of `fusedLinear`: the inputs of the layer, then the residual if there is one. */
export function layerInputs<T>(
  inputs: readonly T[],
  { residual }: FusedLinear,
): { readonly operands: readonly T[]; readonly residual: T | undefined } {
  return residual
    ? { operands: inputs.slice(0, -1), residual: inputs.at(-1) }
    : { operands: inputs, residual: undefined };
}

/** @param all the inputs to print in an error */
function inferLinear([x, weight, bias]: readonly TensorSpec[], all: readonly TensorSpec[]): TensorSpec {
  if (weight!.shape.length !== 2) fail('linear', 'a weight [in, out]', all);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== weight!.shape[1])) {
    fail('linear', `a bias [${weight!.shape[1]}]`, all);
  }
  return matMulOp.infer([x!, weight!], { transposeA: false, transposeB: false });
}
