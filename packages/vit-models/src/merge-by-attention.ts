/**
 * Merging of tokens before the queries, so that attention and MLP are computed for what is left only. The pairs are those
 * whose mean is nearest to both, weighted by the attention that the class token pays them: Ward's criterion (the growth of
 * the sum of squares within clusters) with attention as mass.
 */

import {
  add,
  div,
  matMul,
  maximum,
  mul,
  normalize,
  sqrt,
  sub,
  transpose,
  type Tensor,
} from '@patchslim/tensor';
import type { Sides } from './merge-pairs.js';

/** Least mass of a token: attention can be too small for a float32. */
const leastMass = 1e-20;

/**
 * How well guests fit hosts: `− m_i m_j / (m_i + m_j) · (1 − cos(x_i, x_j))`, with `m` the square root of the attention. With
 * the attention itself important tokens are spared too much: docs/guide/experiments.md has the comparison.
 * @param tokens `[B, n, D]`, the input of the block
 * @param attention `[B, n, 1]`, of the class token
 * @returns `[B, guests, hosts]`
 */
export function cheapMeans(tokens: Tensor, attention: Tensor, { guests, hosts }: Sides): Tensor {
  const directions = normalize(tokens);
  const cosines = matMul(guests(directions), hosts(directions), { transposeB: true });
  const masses = sqrt(maximum(attention, leastMass));
  const [ofGuests, ofHosts] = [guests(masses), transpose(hosts(masses), [0, 2, 1])];
  return mul(div(mul(ofGuests, ofHosts), add(ofGuests, ofHosts)), sub(cosines, 1));
}
