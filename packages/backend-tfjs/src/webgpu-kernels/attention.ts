/**
 * Multi-head attention in one dispatch. Scores never reach memory: a workgroup processes 16 queries of one head over the
 * keys tile by tile, with the running maximum and sum of the online softmax (Milakov and Gimelshein, 2018), and sums
 * the weighted values. Nothing is transposed.
 */

import { biasInput, headsCode, headsOf, lanes, queriesPerGroup, variantOf, type Heads } from './heads.js';
import { groupSize, type OwnKernel } from './program.js';

/** The scores of a tile take 4 kB of workgroup memory; every GPU has 16 kB. */
const keysPerTile = 64;

/** The lanes of a query divide its keys among them for the scores, and the head's channels for the values. */
const code = (heads: Heads): string => `
  ${headsCode(heads)}
  const keysPerTile = ${keysPerTile};
  const vecsPerLane = ${Math.ceil(heads.headVecs / lanes)};
  /** One more than the keys, so that the rows of a tile start in different memory banks. */
  const scoreRow = keysPerTile + 1;
  var<workgroup> scores : array<f32, queriesPerGroup * scoreRow>;

  fn main(index : i32) {
    let place = placeOf(index);
    let keys = uniforms.keyShape.y;
    let scoreStart = place.local * scoreRow;
    let rowVecs = uniforms.keyShape.z / ${heads.components};
    let valuesStart = startOf(place.batch, keys, 0, place.head) + place.lane;
    var maximum = lowest;
    var sum = 0.0;
    var mixed : array<Vec, vecsPerLane>;

    for (var first = 0; first < keys; first += keysPerTile) {
      let count = min(keysPerTile, keys - first);
      for (var i = place.lane; i < count; i += lanes) {
        scores[scoreStart + i] = scoreOf(place, first + i);
      }
      workgroupBarrier();

      let before = maximum;
      for (var i = 0; i < count; i++) {
        maximum = max(maximum, scores[scoreStart + i]);
      }
      workgroupBarrier();
      for (var i = place.lane; i < count; i += lanes) {
        scores[scoreStart + i] = exp(scores[scoreStart + i] - maximum);
      }
      workgroupBarrier();

      // Rescales the sums of earlier tiles to the new maximum.
      let shrink = exp(before - maximum);
      sum *= shrink;
      for (var j = 0; j < vecsPerLane; j++) {
        mixed[j] *= shrink;
      }
      for (var i = 0; i < count; i++) {
        let weight = scores[scoreStart + i];
        let valueStart = valuesStart + (first + i) * rowVecs;
        sum += weight;
        // If the lanes do not divide the head evenly, the last parts belong to another head and are skipped below.
        for (var j = 0; j < vecsPerLane; j++) {
          mixed[j] += weight * value[valueStart + j * lanes];
        }
      }
      workgroupBarrier(); // the next tile overwrites the scores
    }

    let resultStart = startOf(place.batch, uniforms.queryShape.y, place.query, place.head);
    for (var j = 0; j < vecsPerLane; j++) {
      let part = place.lane + j * lanes;
      if (place.exists && part < headVecs) {
        result[resultStart + part] = mixed[j] / sum;
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
  const own = headsOf(width, heads, bias);
  const { components } = own;
  return run(
    {
      name: 'attention',
      variant: variantOf(own),
      inputs: [
        { name: 'query', tensor: query!, components },
        { name: 'key', tensor: key!, components },
        { name: 'value', tensor: value!, components },
        ...biasInput(bias),
      ],
      outputShape: output.shape,
      outputComponents: components,
      invocations: batch * heads * Math.ceil(queries / queriesPerGroup) * groupSize,
      uniforms: { heads: { type: 'i32', value: heads }, scale: { type: 'f32', value: scale } },
      code: code(own),
    },
    output,
  );
};
