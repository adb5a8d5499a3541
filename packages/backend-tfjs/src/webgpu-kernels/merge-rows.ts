/** Rows merged into others, as sums or weighted means, in one dispatch: each invocation looks for the guests of its host. */

import { componentsOf, vecCode, type Components, type OwnKernel } from './program.js';

/** Most guests go to another host: they are not read. */
const code = (components: Components, weighted: boolean): string => `
  ${vecCode(components)}
  fn main(index : i32) {
    let width = uniforms.outShape.z / ${components};
    let hostCount = uniforms.outShape.y;
    let guestCount = uniforms.guestsShape.y;
    let host = index / width;
    let batch = host / hostCount;
    if (batch < uniforms.outShape.x) {
      let channel = index % width;
      ${weighted ? 'var total = hostWeights[host];' : ''}
      var sum = hosts[index]${weighted ? ' * total' : ''};
      for (var guest = batch * guestCount; guest < (batch + 1) * guestCount; guest++) {
        let share = targets[guest * hostCount + host % hostCount];
        if (share != 0.0) {
          ${weighted ? 'let weight = share * guestWeights[guest];' : 'let weight = share;'}
          ${weighted ? 'total += weight;' : ''}
          sum += weight * guests[guest * width + channel];
        }
      }
      result[index] = sum${weighted ? ' / total' : ''};
    }
  }`;

export const mergeRows: OwnKernel<'mergeRows'> = (
  run,
  [hosts, guests, targets, hostWeights, guestWeights],
  _,
  output,
) => {
  const [batch, count, channels] = output.shape as [number, number, number];
  const components = componentsOf(channels);
  const weighted = hostWeights !== undefined && guestWeights !== undefined;
  return run(
    {
      name: 'mergeRows',
      variant: `${components}${weighted ? '-weighted' : ''}`,
      inputs: [
        { name: 'hosts', tensor: hosts!, components },
        { name: 'guests', tensor: guests!, components },
        { name: 'targets', tensor: targets! },
        ...(weighted
          ? [
              { name: 'hostWeights', tensor: hostWeights },
              { name: 'guestWeights', tensor: guestWeights },
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
