/** Cosine similarity of tokens. */

import { matMul, mean, normalize, splitHeads, type Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import type { Bipartition } from './bipartition.js';

/**
 * Cosines between sources and destinations.
 * @param directions `[B, n, C]`, of length 1
 * @returns `[B, sources, destinations]`
 */
export const cosines = (directions: Tensor, { sources, destinations }: Bipartition): Tensor =>
  matMul(sources(directions), destinations(directions), { transposeB: true });

/** Directions of the keys, averaged over the heads: `[B, n, D / H]`. */
export const meanKeys = ({ keys, config }: BlockView): Tensor =>
  normalize(mean(splitHeads(keys, config.heads), 1));
