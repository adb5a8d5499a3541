/** Normalises vectors along any axis in one dispatch: one workgroup computes norm and result of a vector. */

import { sizeOf } from '@patchslim/tensor';
import { componentsOf, vecCode, type Components, type OwnKernel } from './program.js';
import { lanes, rowSumCode } from './row-sum.js';

/** `x` as `[outer, axis, inner]`: the values of a vector are `inner` apart; adjacent values are read in vectors of four. */
const code = (components: Components): string => `
  ${vecCode(components)}
  ${rowSumCode}

  fn main(index : i32) {
    let outer = uniforms.outShape.x;
    let length = uniforms.outShape.y / ${components};
    let inner = uniforms.outShape.z;
    let lane = index % lanes;
    let row = index / lanes;
    let exists = row < outer * inner;
    let own = min(row, outer * inner - 1);
    let start = own / inner * length * inner + own % inner;

    var part = 0.0;
    for (var i = lane; i < length; i += lanes) {
      let value = x[start + i * inner];
      part += product(value, value);
    }
    let divisor = max(sqrt(rowSum(part)), uniforms.epsilon);

    for (var i = lane; exists && i < length; i += lanes) {
      result[start + i * inner] = x[start + i * inner] / divisor;
    }
  }`;

export const normalize: OwnKernel<'normalize'> = (run, [x], { axis, epsilon }, output) => {
  const outer = sizeOf(output.shape.slice(0, axis));
  const inner = sizeOf(output.shape.slice(axis + 1));
  const length = output.shape[axis]!;
  const components = inner === 1 ? componentsOf(length) : 1;
  const shape = [outer, length, inner];
  return run(
    {
      name: 'normalize',
      variant: `${components}`,
      inputs: [{ name: 'x', tensor: x!, shape, components }],
      outputShape: shape,
      outputComponents: components,
      invocations: outer * inner * lanes,
      uniforms: { epsilon: { type: 'f32', value: epsilon } },
      code: code(components),
    },
    output,
  );
};
