/** Merging of similar tokens behind the attention (ToMe, arXiv 2210.09461). */

import { matMul, mean, normalize, splitHeads, type Tensor } from '@patchslim/tensor';
import type { Sides } from './merge-pairs.js';

/**
 * How well guests fit hosts: the cosine similarity of their keys, averaged over the heads.
 * @param keys `[B, n, D]`
 * @returns `[B, guests, hosts]`
 */
export function similarKeys(keys: Tensor, heads: number, { guests, hosts }: Sides): Tensor {
  const metric = normalize(mean(splitHeads(keys, heads), 1));
  return matMul(guests(metric), hosts(metric), { transposeB: true });
}
