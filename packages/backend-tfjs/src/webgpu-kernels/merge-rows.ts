/** Merges rows into others, as sums or weighted means, in one dispatch: each invocation finds the sources of its destination. */

import { componentsOf, vecCode, type Components, type OwnKernel } from './program.js';

/** Skips sources with another destination, which are most of them. */
const code = (components: Components, weighted: boolean): string => `
  ${vecCode(components)}
  fn main(index : i32) {
    let width = uniforms.outShape.z / ${components};
    let destinationCount = uniforms.outShape.y;
    let sourceCount = uniforms.sourcesShape.y;
    let destination = index / width;
    let batch = destination / destinationCount;
    if (batch < uniforms.outShape.x) {
      let channel = index % width;
      ${weighted ? 'var total = destinationWeights[destination];' : ''}
      var sum = destinations[index]${weighted ? ' * total' : ''};
      for (var source = batch * sourceCount; source < (batch + 1) * sourceCount; source++) {
        let share = assignment[source * destinationCount + destination % destinationCount];
        if (share != 0.0) {
          ${weighted ? 'let weight = share * sourceWeights[source];' : 'let weight = share;'}
          ${weighted ? 'total += weight;' : ''}
          sum += weight * sources[source * width + channel];
        }
      }
      result[index] = sum${weighted ? ' / total' : ''};
    }
  }`;

export const mergeRows: OwnKernel<'mergeRows'> = (
  run,
  [destinations, sources, assignment, destinationWeights, sourceWeights],
  _,
  output,
) => {
  const [batch, count, channels] = output.shape as [number, number, number];
  const components = componentsOf(channels);
  const weighted = destinationWeights !== undefined && sourceWeights !== undefined;
  return run(
    {
      name: 'mergeRows',
      variant: `${components}${weighted ? '-weighted' : ''}`,
      inputs: [
        { name: 'destinations', tensor: destinations!, components },
        { name: 'sources', tensor: sources!, components },
        { name: 'assignment', tensor: assignment! },
        ...(weighted
          ? [
              { name: 'destinationWeights', tensor: destinationWeights },
              { name: 'sourceWeights', tensor: sourceWeights },
            ]
          : []),
      ],
      outputShape: output.shape,
      outputComponents: components,
      invocations: (batch * count * channels) / components,
      code: code(components, weighted),
    },
    output,
  );
};
