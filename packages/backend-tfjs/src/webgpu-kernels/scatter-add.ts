/** scatterAdd in one dispatch, in a fixed order of summands: each invocation finds the updates of its value. */

import { sizeOf } from '@patchslim/tensor';
import { componentsOf, type OwnKernel } from './program.js';

/** With more picks tfjs is faster: it writes each update once, while the search costs rows × picks. */
export const mostPicks = 4096;

/** `base` as `[outer, axis, inner]`, `indices` as `[batch, picks]`, `updates` as `[outer, picks, inner]`. */
const code = (components: number): string => `
  fn main(index : i32) {
    let inner = uniforms.outShape.z / ${components};
    let entries = uniforms.outShape.y;
    let outer = index / (inner * entries);
    if (outer < uniforms.outShape.x) {
      let picks = uniforms.updatesShape.y;
      let outerPerBatch = uniforms.outShape.x / uniforms.indicesShape.x;
      let entry = index / inner % entries;
      var sum = base[index];
      for (var pick = 0; pick < picks; pick++) {
        if (indices[outer / outerPerBatch * picks + pick] == entry) {
          sum += updates[(outer * picks + pick) * inner + index % inner];
        }
      }
      result[index] = sum;
    }
  }`;

export const scatterAdd: OwnKernel<'scatterAdd'> = (
  run,
  [base, indices, updates],
  { axis, batchDims },
  output,
) => {
  const outer = sizeOf(output.shape.slice(0, axis));
  const inner = sizeOf(output.shape.slice(axis + 1));
  const batch = batchDims === 1 ? output.shape[0]! : 1;
  const picks = indices!.size / batch;
  const components = componentsOf(inner);
  const shape = [outer, output.shape[axis]!, inner];
  return run(
    {
      name: 'scatterAdd',
      variant: `${components}`,
      inputs: [
        { name: 'base', tensor: base!, shape, components },
        { name: 'indices', tensor: indices!, shape: [batch, picks] },
        { name: 'updates', tensor: updates!, shape: [outer, picks, inner], components },
      ],
      outputShape: shape,
      outputComponents: components,
      invocations: sizeOf(output.shape) / components,
      code: code(components),
    },
    output,
  );
};
