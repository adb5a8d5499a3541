/** How similar tokens are. */

import { matMul, mean, normalize, splitHeads, type Tensor } from '@patchslim/tensor';
import type { VitConfig } from '../configs.js';
import type { BlockView } from './block-view.js';
import type { Sides } from './merge-pairs.js';

/**
 * Cosines of guests and hosts.
 * @param directions `[B, n, C]`, of length 1
 * @returns `[B, guests, hosts]`
 */
export const cosines = (directions: Tensor, { guests, hosts }: Sides): Tensor =>
  matMul(guests(directions), hosts(directions), { transposeB: true });

/** Directions of the keys, averaged over the heads: `[B, n, D / H]`. */
export const meanKeys = ({ keys, config }: BlockView): Tensor =>
  normalize(mean(splitHeads(keys, config.heads), 1));

export const headWidth = ({ width, heads }: VitConfig): number => width / heads;
