/** A schedule of several papers: a share of the patches is kept at three blocks, a quarter of the depth apart. */

import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';

/**
 * Tokens left by each block; the last of the model computes only the class token, which changes nothing.
 * @param extra tokens made of those that are not kept
 */
export function shareAtQuarters(config: VitConfig, share: number, extra: number): number[] {
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (block > 0 && block % Math.round(config.depth / 4) === 0) patches = Math.ceil(share * patches) + extra;
    return block === config.depth - 1 ? prefix : prefix + patches;
  });
}
