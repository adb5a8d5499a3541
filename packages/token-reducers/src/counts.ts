/** Numbers of tokens per block that several papers use. */

import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';

/** Each block leaves `r` patches fewer than reach it, but at least one; the last block leaves the prefix tokens. */
export function constantCounts(config: VitConfig, r: number): number[] {
  const prefix = prefixTokens(config);
  const patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) =>
    block === config.depth - 1 ? prefix : prefix + Math.max(1, patches - r * (block + 1)),
  );
}

/**
 * A share of the patches is kept at three blocks, a quarter of the depth apart; the last block leaves the prefix tokens.
 *
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
