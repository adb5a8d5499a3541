/** Fully connected layer. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { add } from '../ops/elementwise.js';
import { matMul, matMulOp } from '../ops/mat-mul.js';
import { fail } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const linearOp: OpDefinition<'linear'> = {
  name: 'linear',
  infer(inputs) {
    const [x, weight, bias] = inputs;
    if (weight!.shape.length !== 2) fail('linear', 'a weight [in, out]', inputs);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== weight!.shape[1])) {
      fail('linear', `a bias [${weight!.shape[1]}]`, inputs);
    }
    return matMulOp.infer([x!, weight!], { transposeA: false, transposeB: false });
  },
  decompose([x, weight, bias]) {
    const product = matMul(x!, weight!);
    return bias ? add(product, bias) : product;
  },
};

/** `x · weight + bias`: x `[…, in]`, weight `[in, out]` (input first, unlike PyTorch), bias `[out]`. */
export const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  apply(linearOp, bias ? [x, weight, bias] : [x, weight], {});
