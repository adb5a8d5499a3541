/**
 * Attention probabilities in one dispatch. Each invocation writes scores into the result;
 * once their maximum and sum are known, it converts its own scores to probabilities.
 */

import { biasInput, headsCode, headsOf, queriesPerGroup, variantOf, type Heads } from './heads.js';
import { groupSize, type OwnKernel } from './program.js';

const code = (heads: Heads): string => `
  ${headsCode(heads)}
  var<workgroup> maxima : array<f32, groupSize>;
  var<workgroup> sums : array<f32, groupSize>;

  fn main(index : i32) {
    let place = placeOf(index);
    let keys = uniforms.keyShape.y;
    let queries = uniforms.queryShape.y;
    let resultStart = ((place.batch * uniforms.heads + place.head) * queries + place.query) * keys;

    var maximum = lowest;
    for (var i = place.lane; place.exists && i < keys; i += lanes) {
      let score = scoreOf(place, i);
      maximum = max(maximum, score);
      result[resultStart + i] = score;
    }
    maxima[localIndex] = maximum;
    workgroupBarrier();
    let first = place.local * lanes;
    for (var lane = 0; lane < lanes; lane++) {
      maximum = max(maximum, maxima[first + lane]);
    }

    var part = 0.0;
    for (var i = place.lane; place.exists && i < keys; i += lanes) {
      let power = exp(result[resultStart + i] - maximum);
      part += power;
      result[resultStart + i] = power;
    }
    sums[localIndex] = part;
    workgroupBarrier();
    var sum = 0.0;
    for (var lane = 0; lane < lanes; lane++) {
      sum += sums[first + lane];
    }

    for (var i = place.lane; place.exists && i < keys; i += lanes) {
      result[resultStart + i] /= sum;
    }
  }`;

export const attentionProbabilities: OwnKernel<'attentionProbabilities'> = (
  run,
  [query, key, bias],
  { heads, scale },
  output,
) => {
  const [batch, queries, width] = query!.shape as [number, number, number];
  const own = headsOf(width, heads, bias);
  const { components } = own;
  return run(
    {
      name: 'attentionProbabilities',
      variant: variantOf(own),
      inputs: [
        { name: 'query', tensor: query!, components },
        { name: 'key', tensor: key!, components },
        ...biasInput(bias),
      ],
      outputShape: output.shape,
      invocations: batch * heads * Math.ceil(queries / queriesPerGroup) * groupSize,
      uniforms: { heads: { type: 'i32', value: heads }, scale: { type: 'f32', value: scale } },
      code: code(own),
    },
    output,
  );
};
