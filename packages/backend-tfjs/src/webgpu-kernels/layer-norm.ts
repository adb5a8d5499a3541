/** Layer normalisation in one dispatch: one workgroup computes mean, variance and result of a row. */

import { componentsOf, rowsOf, vecCode, type Components, type OwnKernel } from './program.js';
import { lanes, rowSumCode } from './row-sum.js';

/** The variance uses centred values, so a large mean does not cancel the digits of a small spread. */
const code = (components: Components): string => `
  ${vecCode(components)}
  ${rowSumCode}

  fn main(index : i32) {
    let rows = uniforms.outShape.x;
    let width = uniforms.outShape.y / ${components};
    let count = f32(uniforms.outShape.y);
    let lane = index % lanes;
    let row = index / lanes;
    // All invocations of a group must take part in its sums.
    let start = min(row, rows - 1) * width;

    var part = Vec(0.0);
    for (var i = lane; i < width; i += lanes) {
      part += x[start + i];
    }
    let mean = rowSum(total(part)) / count;

    part = Vec(0.0);
    for (var i = lane; i < width; i += lanes) {
      let centred = x[start + i] - mean;
      part += centred * centred;
    }
    let scale = inverseSqrt(rowSum(total(part)) / count + uniforms.epsilon);

    if (row < rows) {
      for (var i = lane; i < width; i += lanes) {
        result[start + i] = (x[start + i] - mean) * scale * gamma[i] + beta[i];
      }
    }
  }`;

export const layerNorm: OwnKernel<'layerNorm'> = (run, [x, gamma, beta], { epsilon }, output) => {
  const { rows, width } = rowsOf(output.shape);
  const components = componentsOf(width);
  return run(
    {
      name: 'layerNorm',
      variant: `${components}`,
      inputs: [
        { name: 'x', tensor: x!, shape: [rows, width], components },
        { name: 'gamma', tensor: gamma!, components },
        { name: 'beta', tensor: beta!, components },
      ],
      outputShape: [rows, width],
      outputComponents: components,
      invocations: rows * lanes,
      uniforms: { epsilon: { type: 'f32', value: epsilon } },
      code: code(components),
    },
    output,
  );
};
