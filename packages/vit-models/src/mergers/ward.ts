/**
 * Merges tokens before the queries, so that attention and MLP are computed for what is left only. The pairs are those
 * whose mean is nearest to both, weighted by the attention that the class token pays them: Ward's criterion (the growth of
 * the sum of squares within clusters) with attention as mass.
 */

import {
  add,
  div,
  maximum,
  mul,
  normalize,
  reshape,
  sqrt,
  sub,
  transpose,
  type Tensor,
} from '@patchslim/tensor';
import { rowsOf } from '../choosing/block-view.js';
import type { Choice } from '../choosing/choice.js';
import { cosines } from '../choosing/cosines.js';
import { mergePairs, pairMacs, weightsOf, type Sides } from '../choosing/merge-pairs.js';
import { dealtCounts, dealtSides, leastOfPairs, mergedRows, pairRows } from '../choosing/merged-rows.js';
import { classAttentionMacs } from '../choosing/ranked-rows.js';
import { meanClassAttention } from '../rankers/class-attention.js';

export const ward: Choice = {
  behindAttention: false,
  seesAttention: false,
  least: leastOfPairs,
  rows: (view, count) => {
    const sides = dealtSides(view);
    const rows = rowsOf(view);
    const attention = reshape(meanClassAttention(view), [view.tokens.shape[0]!, rows, 1]);
    const merge = mergePairs(sides, cheapMeans(view.rows, attention, sides), rows - count);
    return mergedRows(pairRows(merge, weightsOf(sides, attention)), view);
  },
  macs: (config, rowsIn, rowsOut) =>
    classAttentionMacs(config, rowsIn) +
    pairMacs(dealtCounts(config, rowsIn, rowsOut), { metric: config.width, channels: config.width + 2 }),
};

/** Least mass of a token: attention can be too small for a float32. */
const leastMass = 1e-20;

/**
 * How well guests fit hosts: `− m_i m_j / (m_i + m_j) · (1 − cos(x_i, x_j))`, with `m` the square root of the attention. With
 * the attention itself important tokens are spared too much: docs/guide/experiments.md has the comparison.
 * @param tokens `[B, n, D]`
 * @param attention `[B, n, 1]`, of the class token
 * @returns `[B, guests, hosts]`
 */
function cheapMeans(tokens: Tensor, attention: Tensor, sides: Sides): Tensor {
  const masses = sqrt(maximum(attention, leastMass));
  const [ofGuests, ofHosts] = [sides.guests(masses), transpose(sides.hosts(masses), [0, 2, 1])];
  const cosine = cosines(normalize(tokens), sides);
  return mul(div(mul(ofGuests, ofHosts), add(ofGuests, ofHosts)), sub(cosine, 1));
}
