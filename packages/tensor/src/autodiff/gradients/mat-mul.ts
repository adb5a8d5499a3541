/** Gradients of matrix products. */

import { sizeOf } from '../../host.js';
import { matMul } from '../../ops/mat-mul.js';
import { reshape } from '../../ops/movement.js';
import { sum } from '../../ops/reduction.js';
import type { Tensor } from '../../tensor.js';
import { unbroadcast, type Gradients } from './gradient.js';

export const matMulGradients: Gradients<'matMul' | 'linear'> = {
  // With C = op(A) op(B), the gradient of op(A) is G op(B)ᵀ and the gradient of op(B) is op(A)ᵀ G.
  matMul: ({ inputs: [a, b], attrs: { transposeA, transposeB } }, grad) => [
    () =>
      unbroadcast(
        transposeA
          ? matMul(b!, grad, { transposeA: transposeB, transposeB: true })
          : matMul(grad, b!, { transposeB: !transposeB }),
        a!.shape,
      ),
    () =>
      unbroadcast(
        transposeB
          ? matMul(grad, a!, { transposeA: true, transposeB: transposeA })
          : matMul(a!, grad, { transposeA: !transposeA }),
        b!.shape,
      ),
  ],
  // One product of two matrices is faster than one product per image and a sum over the images.
  linear: ({ inputs: [x, weight, bias] }, grad) => [
    () => matMul(grad, weight!, { transposeB: true }),
    () => matMul(asRows(x!), asRows(grad), { transposeA: true }),
    ...(bias ? [() => sum(asRows(grad), 0)] : []),
  ],
};

/** `[…, D] → [rows, D]`. */
function asRows(x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), width]);
}
