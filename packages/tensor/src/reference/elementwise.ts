/** Element-wise kernels: the definition of each op on numbers, and broadcasting. */

import type { Handle, OpCall } from '../op.js';
import { erf } from './erf.js';
import { fill, reader, valuesOf } from './values.js';

/** Applies a function of numbers to tensors of any shapes that broadcast. */
function elementwise(compute: (...values: number[]) => number): (call: OpCall) => Handle {
  return ({ inputs, output }) => {
    const [first, second, third] = inputs.map(reader);
    if (!second) return valuesOf(inputs[0]!).map((x) => compute(x));
    if (!third) return fill(output.shape, (place) => compute(first!(place), second(place)));
    return fill(output.shape, (place) => compute(first!(place), second(place), third(place)));
  };
}

export const elementwiseKernels = {
  neg: elementwise((x) => -x),
  exp: elementwise((x) => Math.exp(x)),
  log: elementwise((x) => Math.log(x)),
  sqrt: elementwise((x) => Math.sqrt(x)),
  rsqrt: elementwise((x) => 1 / Math.sqrt(x)),
  abs: elementwise((x) => Math.abs(x)),
  erf: elementwise((x) => erf(x)),
  tanh: elementwise((x) => Math.tanh(x)),
  sigmoid: elementwise((x) => 1 / (1 + Math.exp(-x))),
  add: elementwise((a, b) => a + b),
  sub: elementwise((a, b) => a - b),
  mul: elementwise((a, b) => a * b),
  div: elementwise((a, b) => a / b),
  maximum: elementwise((a, b) => Math.max(a, b)),
  minimum: elementwise((a, b) => Math.min(a, b)),
  pow: elementwise((a, b) => a ** b),
  greater: elementwise((a, b) => Number(a > b)),
  equal: elementwise((a, b) => Number(a === b)),
  where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
};
