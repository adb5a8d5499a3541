/** Merges rows into others, as sums or weighted means, in one dispatch: each invocation finds the rows that come to its own. */

import { componentsOf, vecCode, type Components, type OwnKernel } from './program.js';

/** Skips rows with another destination, which are most of them. */
const code = (components: Components, weighted: boolean, sized: boolean): string => `
  ${vecCode(components)}
  fn main(index : i32) {
    let width = uniforms.outShape.z / ${components};
    let count = uniforms.outShape.y;
    let row = index / width;
    let batch = row / count;
    if (batch < uniforms.outShape.x) {
      let channel = index % width;
      let first = batch * uniforms.xShape.y;
      let used = uniforms.orderShape.y;
      let merged = uniforms.targetsShape.y;
      let slot = row % count - (count - uniforms.destinations);
      let host = first + order[batch * used + row % count];
      let channels = uniforms.xShape.z / ${components};
      ${sized ? 'let ofSizes = channel == channels;' : ''}
      ${weighted ? 'var total = weights[host];' : ''}
      var sum = ${valueOf('host', weighted, sized)};
      if (slot >= 0) {
        for (var k = 0; k < merged; k++) {
          if (targets[batch * merged + k] == slot) {
            let guest = first + order[batch * used + count + k];
            ${weighted ? 'total += weights[guest];' : ''}
            sum += ${valueOf('guest', weighted, sized)};
          }
        }
      }
      result[index] = ${weighted ? (sized ? 'select(sum / total, sum, ofSizes)' : 'sum / total') : 'sum'};
    }
  }`;

/** What a row adds at the channel. */
function valueOf(row: string, weighted: boolean, sized: boolean): string {
  const value = `x[${row} * channels + ${sized ? 'min(channel, channels - 1)' : 'channel'}]`;
  if (!weighted) return value;
  return sized ? `select(${value} * weights[${row}], sizes[${row}], ofSizes)` : `${value} * weights[${row}]`;
}

export const mergeRows: OwnKernel<'mergeRows'> = (
  run,
  [x, order, targets, weights, sizes],
  { destinations },
  output,
) => {
  const [batch, count, channels] = output.shape as [number, number, number];
  const components = sizes ? 1 : componentsOf(channels);
  return run(
    {
      name: 'mergeRows',
      variant: `${components}${weights ? '-weighted' : ''}${sizes ? '-sized' : ''}`,
      inputs: [
        { name: 'x', tensor: x!, components },
        { name: 'order', tensor: order! },
        { name: 'targets', tensor: targets! },
        ...(weights ? [{ name: 'weights', tensor: weights }] : []),
        ...(sizes ? [{ name: 'sizes', tensor: sizes }] : []),
      ],
      outputShape: output.shape,
      outputComponents: components,
      invocations: (batch * count * channels) / components,
      uniforms: { destinations: { type: 'i32', value: destinations } },
      code: code(components, weights !== undefined, sizes !== undefined),
    },
    output,
  );
};
