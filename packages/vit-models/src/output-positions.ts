/** The tokens that the output is made of. */

import { range } from '@patchslim/tensor';
import { prefixPositions, tokenCount, type VitConfig } from './config.js';
import { poolOf } from './pools/list.js';

/** Whether the head reads patches, so that the last block has to compute them (`Pool`). */
export const readsPatches = (config: VitConfig): boolean => poolOf(config).readsPatches;

/** Positions of the tokens that the head reads: the prefix tokens, or all. */
export const outputPositions = (config: VitConfig): number[] =>
  readsPatches(config) ? range(tokenCount(config)) : prefixPositions(config);
