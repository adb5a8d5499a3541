/** Gather in one dispatch, with indices per batch element or shared; the tfjs adapter must first compute row numbers. */

import { sizeOf } from '@patchslim/tensor';
import { componentsOf, type OwnKernel } from './program.js';

/** `x` as `[outer, axis, inner]`, `indices` as `[batch, picks]`, the result as `[outer, picks, inner]`. */
const code = (components: number): string => `
  fn main(index : i32) {
    let inner = uniforms.outShape.z / ${components};
    let picks = uniforms.outShape.y;
    let outer = index / (inner * picks);
    if (outer < uniforms.outShape.x) {
      let outerPerBatch = uniforms.outShape.x / uniforms.indicesShape.x;
      let pick = index / inner % picks;
      let entries = uniforms.xShape.y;
      let entry = clamp(indices[outer / outerPerBatch * picks + pick], 0, entries - 1);
      result[index] = x[(outer * entries + entry) * inner + index % inner];
    }
  }`;

export const gather: OwnKernel<'gather'> = (run, [x, indices], { axis, batchDims }, output) => {
  const outer = sizeOf(x!.shape.slice(0, axis));
  const inner = sizeOf(x!.shape.slice(axis + 1));
  const batch = batchDims === 1 ? x!.shape[0] : 1;
  const picks = indices!.size / batch;
  const components = componentsOf(inner);
  return run(
    {
      name: 'gather',
      variant: `${components}`,
      inputs: [
        { name: 'x', tensor: x!, shape: [outer, x!.shape[axis]!, inner], components },
        { name: 'indices', tensor: indices!, shape: [batch, picks] },
      ],
      outputShape: [outer, picks, inner],
      outputComponents: components,
      invocations: (outer * picks * inner) / components,
      code: code(components),
    },
    output,
  );
};
