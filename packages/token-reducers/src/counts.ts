/** Tokens per block in the schedules of several papers. */

import { prefixTokens, readsPatches, tokenCount, type VitConfig } from '@patchslim/vit-models';

/** Each block removes `r` patches, but leaves at least one. The last block leaves the prefix tokens, unless the head reads patches. */
export function constantCounts(config: VitConfig, r: number): number[] {
  const prefix = prefixTokens(config);
  const patches = tokenCount(config) - prefix;
  return Array.from(
    { length: config.depth },
    (_, block) => prefix + patchesAt(config, block, Math.max(1, patches - r * (block + 1))),
  );
}

/**
 * Three blocks, a quarter of the depth apart, keep a share of the patches. The last block leaves the prefix
 * tokens, unless the head reads patches.
 *
 * @param extra tokens made from the dropped ones
 */
export function shareAtQuarters(config: VitConfig, share: number, extra: number): number[] {
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (block > 0 && block % Math.round(config.depth / 4) === 0) patches = Math.ceil(share * patches) + extra;
    return prefix + patchesAt(config, block, patches);
  });
}

/** Patches that a block leaves: none in the last block where the head reads the prefix tokens alone. */
export const patchesAt = (config: VitConfig, block: number, patches: number): number =>
  block === config.depth - 1 && !readsPatches(config) ? 0 : patches;
