/** Gradients of the element-wise ops. */

import { float32 } from '../../host.js';
import type { ElementwiseName } from '../../op.js';
import { cast } from '../../ops/movement.js';
import { add, div, equal, exp, greater, log, mul, neg, pow, sub, where } from '../../ops/elementwise.js';
import type { Tensor } from '../../tensor.js';
import { unbroadcast, type Gradients } from './gradient.js';

export const elementwiseGradients: Gradients<Exclude<ElementwiseName, 'greater' | 'equal'>> = {
  neg: (_, grad) => [() => neg(grad)],
  exp: ({ output }, grad) => [() => mul(grad, output)],
  log: ({ inputs: [x] }, grad) => [() => div(grad, x!)],
  sqrt: ({ output }, grad) => [() => div(mul(grad, 0.5), output)],
  rsqrt: ({ output }, grad) => [() => mul(mul(grad, -0.5), mul(output, mul(output, output)))],
  abs: ({ inputs: [x] }, grad) => [() => mul(grad, signOf(x!))],
  erf: ({ inputs: [x] }, grad) => [() => mul(mul(grad, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x!, x!))))],
  tanh: ({ output }, grad) => [() => mul(grad, oneMinus(mul(output, output)))],
  sigmoid: ({ output }, grad) => [() => mul(grad, mul(output, oneMinus(output)))],

  add: ({ inputs: [a, b] }, grad) => [() => unbroadcast(grad, a!.shape), () => unbroadcast(grad, b!.shape)],
  sub: ({ inputs: [a, b] }, grad) => [
    () => unbroadcast(grad, a!.shape),
    () => neg(unbroadcast(grad, b!.shape)),
  ],
  mul: ({ inputs: [a, b] }, grad) => [
    () => unbroadcast(mul(grad, b!), a!.shape),
    () => unbroadcast(mul(grad, a!), b!.shape),
  ],
  div: ({ inputs: [a, b], output }, grad) => [
    () => unbroadcast(div(grad, b!), a!.shape),
    () => neg(unbroadcast(div(mul(grad, output), b!), b!.shape)),
  ],
  maximum: ({ inputs: [a, b] }, grad) => [
    () => unbroadcast(mul(grad, shareOfLarger(a!, b!)), a!.shape),
    () => unbroadcast(mul(grad, shareOfLarger(b!, a!)), b!.shape),
  ],
  minimum: ({ inputs: [a, b] }, grad) => [
    () => unbroadcast(mul(grad, shareOfLarger(b!, a!)), a!.shape),
    () => unbroadcast(mul(grad, shareOfLarger(a!, b!)), b!.shape),
  ],
  pow: ({ inputs: [a, b], output }, grad) => [
    // x⁰ is constant, also at 0, where x⁻¹ is infinite.
    () => unbroadcast(mul(grad, where(equal(b!, 0), zero(grad), mul(b!, pow(a!, sub(b!, 1))))), a!.shape),
    () =>
      unbroadcast(mul(grad, where(equal(a!, 0), logPowerOfZero(b!, output), mul(output, log(a!)))), b!.shape),
  ],
  where: ({ inputs: [condition, a, b] }, grad) => [
    undefined,
    () => unbroadcast(where(condition!, grad, 0), a!.shape),
    () => unbroadcast(where(condition!, zero(grad), grad), b!.shape),
  ],
};

/** The limit of `xᵇ log x` for x → 0: 0 for b > 0, −∞ for b < 0, and 0 for b = 0 as in PyTorch. */
const logPowerOfZero = (b: Tensor, power: Tensor): Tensor => where(greater(neg(b), 0), neg(power), zero(b));

/** −1, 0 or 1. */
const signOf = (x: Tensor): Tensor => sub(toFloat(greater(x, 0)), toFloat(greater(neg(x), 0)));

/** 1 where `a` is larger, ½ where both are equal, as in PyTorch. */
const shareOfLarger = (a: Tensor, b: Tensor): Tensor =>
  add(toFloat(greater(a, b)), mul(toFloat(equal(a, b)), 0.5));

const oneMinus = (x: Tensor): Tensor => add(neg(x), 1);

export const zero = ({ backend }: Tensor): Tensor => backend.constant(float32([], [0]));

export const toFloat = (x: Tensor): Tensor => cast(x, 'float32');
