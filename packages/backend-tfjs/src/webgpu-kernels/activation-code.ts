/** WGSL of each activation: `activate` of a `Vec`. */

import type { Activation } from '@patchslim/tensor';
import { geluCode } from './gelu.js';

/** `x · σ(gate)`; the bound keeps the exponential finite, because a GPU need not compute with infinity. */
const gated = (gate: string): string => `
  fn activate(x : Vec) -> Vec {
    let gate = ${gate};
    return x / (1.0 + exp(min(-gate, Vec(80.0))));
  }`;

export const activationCode: { readonly [N in Exclude<Activation, 'none'>]: string } = {
  gelu: `${geluCode}
  fn activate(x : Vec) -> Vec {
    return gelu(x);
  }`,
  // (1 + tanh(u)) / 2 = σ(2 u)
  geluTanh: gated(`${2 * Math.sqrt(2 / Math.PI)} * (x + 0.044715 * x * x * x)`),
  quickGelu: gated('1.702 * x'),
  silu: gated('x'),
};
