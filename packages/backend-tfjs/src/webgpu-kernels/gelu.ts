/** Exact GELU in one dispatch: `x / 2 · (1 + erf(x / √2))`. */

import { sizeOf } from '@patchslim/tensor';
import { componentsOf, vecCode, type Components, type OwnKernel } from './program.js';

/**
 * WGSL: `gelu` of a `Vec`.
 *
 * erf by Abramowitz and Stegun, formula 7.1.26: error at most 1.5e-7. For `a = |x / √2|` it is
 * `1 − t · (c1 + t · (c2 + …)) · exp(−a²)`, `t = 1 / (1 + p a)`.
 */
export const geluCode = `
  const p = 0.3275911;
  const c1 = 0.254829592;
  const c2 = -0.284496736;
  const c3 = 1.421413741;
  const c4 = -1.453152027;
  const c5 = 1.061405429;
  const sqrtHalf = 0.7071067811865476;

  fn erf(x : Vec) -> Vec {
    let a = abs(x);
    let t = 1.0 / (1.0 + p * a);
    let tail = t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5)))) * exp(-a * a);
    return sign(x) * (1.0 - tail);
  }

  fn gelu(x : Vec) -> Vec {
    return 0.5 * x * (1.0 + erf(sqrtHalf * x));
  }`;

const code = (components: Components): string => `
  ${vecCode(components)}
  ${geluCode}

  fn main(index : i32) {
    if (index < uniforms.outShape / ${components}) {
      result[index] = gelu(x[index]);
    }
  }`;

export const gelu: OwnKernel<'gelu'> = (run, [x], _, output) => {
  const size = sizeOf(output.shape);
  const components = componentsOf(size);
  return run(
    {
      name: 'gelu',
      variant: `${components}`,
      inputs: [{ name: 'x', tensor: x!, shape: [size], components }],
      outputShape: [size],
      outputComponents: components,
      invocations: size / components,
      code: code(components),
    },
    output,
  );
};
