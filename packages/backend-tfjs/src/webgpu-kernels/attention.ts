/**
 * Multi-head attention in one dispatch. Scores never reach memory: a workgroup takes 16 queries of one head through the
 * keys tile by tile, with the running maximum and sum of the online softmax (Milakov and Gimelshein, 2018), and weighs
 * the values as it goes. Heads are read where they lie in `[B, N, D]`: nothing is transposed.
 */

import { componentsOf, groupSize, vecCode, type Components, type OwnKernel } from './program.js';

/** Invocations that share a query: each takes every fourth key for the scores, every fourth part of the head's result. */
const lanes = 4;
const queriesPerGroup = groupSize / lanes;
/** Scores of a tile are kept in the workgroup's memory: 4 kB of the 16 that every GPU has. */
const keysPerTile = 64;

interface Variant {
  readonly components: Components;
  /** Width of a head in vectors. */
  readonly headVecs: number;
  readonly biased: boolean;
}

const code = ({ components, headVecs, biased }: Variant): string => `
  ${vecCode(components)}
  const lanes = ${lanes};
  const queriesPerGroup = ${queriesPerGroup};
  const keysPerTile = ${keysPerTile};
  const headVecs = ${headVecs};
  const vecsPerLane = ${Math.ceil(headVecs / lanes)};
  const lowest = -3.402823e+38;
  /** One more than the keys, so that the rows of a tile do not begin in one memory bank. */
  const scoreRow = keysPerTile + 1;
  var<workgroup> scores : array<f32, queriesPerGroup * scoreRow>;

  fn biasAt(at : vec4<i32>) -> f32 {
    ${
      biased
        ? `let own = min(at, uniforms.biasShape - 1); // an axis of length 1 is repeated
    return getBias(own.x, own.y, own.z, own.w);`
        : 'return 0.0;'
    }
  }

  fn main(index : i32) {
    let queries = uniforms.queryShape.y;
    let keys = uniforms.keyShape.y;
    let width = uniforms.queryShape.z / ${components};
    let groupsPerHead = (queries + queriesPerGroup - 1) / queriesPerGroup;
    let group = index / ${groupSize};
    let head = group / groupsPerHead % uniforms.heads;
    let batch = group / groupsPerHead / uniforms.heads;
    let lane = i32(localIndex) % lanes;
    let place = i32(localIndex) / lanes;
    let number = group % groupsPerHead * queriesPerGroup + place;
    let exists = number < queries && batch < uniforms.queryShape.x;
    // The invocations of a group stay together; those without a query repeat one.
    let sample = min(batch, uniforms.queryShape.x - 1);
    let queryNumber = min(number, queries - 1);
    let queryStart = (sample * queries + queryNumber) * width + head * headVecs;
    let keyStart = sample * keys * width + head * headVecs;
    let scoreStart = place * scoreRow;

    var maximum = lowest;
    var sum = 0.0;
    var mixed : array<Vec, vecsPerLane>;

    for (var first = 0; first < keys; first += keysPerTile) {
      let count = min(keysPerTile, keys - first);

      for (var i = lane; i < count; i += lanes) {
        let rowStart = keyStart + (first + i) * width;
        var part = 0.0;
        for (var j = 0; j < headVecs; j++) {
          part += product(query[queryStart + j], key[rowStart + j]);
        }
        scores[scoreStart + i] = part * uniforms.scale + biasAt(vec4<i32>(sample, head, queryNumber, first + i));
      }
      workgroupBarrier();

      let before = maximum;
      for (var i = 0; i < count; i++) {
        maximum = max(maximum, scores[scoreStart + i]);
      }
      workgroupBarrier();
      for (var i = lane; i < count; i += lanes) {
        scores[scoreStart + i] = exp(scores[scoreStart + i] - maximum);
      }
      workgroupBarrier();

      // What was weighed against the maximum of earlier tiles shrinks to the new one.
      let shrink = exp(before - maximum);
      sum *= shrink;
      for (var j = 0; j < vecsPerLane; j++) {
        mixed[j] *= shrink;
      }
      for (var i = 0; i < count; i++) {
        let weight = scores[scoreStart + i];
        let rowStart = keyStart + (first + i) * width;
        sum += weight;
        for (var j = 0; j < vecsPerLane; j++) {
          mixed[j] += weight * value[rowStart + min(lane + j * lanes, headVecs - 1)];
        }
      }
      workgroupBarrier(); // the next tile overwrites the scores
    }

    if (exists) {
      for (var j = 0; j < vecsPerLane; j++) {
        let at = lane + j * lanes;
        if (at < headVecs) {
          result[queryStart + at] = mixed[j] / sum;
        }
      }
    }
  }`;

export const attention: OwnKernel<'attention'> = (
  run,
  [query, key, value, bias],
  { heads, scale },
  output,
) => {
  const [batch, queries, width] = output.shape as [number, number, number];
  const components = componentsOf(width / heads);
  const variant = { components, headVecs: width / heads / components, biased: bias !== undefined };
  const biasShape = bias && [...new Array<number>(4 - bias.rank).fill(1), ...bias.shape];
  return run(
    {
      name: 'attention',
      variant: `${components}-${variant.headVecs}-${variant.biased}`,
      inputs: [
        { name: 'query', tensor: query!, components },
        { name: 'key', tensor: key!, components },
        { name: 'value', tensor: value!, components },
        ...(bias ? [{ name: 'bias', tensor: bias, shape: biasShape! }] : []),
      ],
      outputShape: output.shape,
      outputComponents: components,
      invocations: batch * heads * Math.ceil(queries / queriesPerGroup) * groupSize,
      uniforms: { heads: { type: 'i32', value: heads }, scale: { type: 'f32', value: scale } },
      code: code(variant),
    },
    output,
  );
};
