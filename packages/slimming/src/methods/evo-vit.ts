/**
 * Evo-ViT (arXiv 2108.01390): keeps what the class token has attended to over the blocks, and lets one token stand for the
 * rest. Its training, and its return of the rest to the last blocks, are left out.
 */

import { prefixTokens, tokenCount } from '@patchslim/vit-models';
import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

const entry: EntryOf = (count) =>
  reduceTo(count, 'top-k', { score: { name: 'global-class-attention' }, rest: 'fuse' });

export const evoVit: RuntimeMethod = {
  name: 'evo-vit',
  summary: 'keeps what the class token has attended to so far, fuses the rest (Evo-ViT)',
  // Half of the patches, from the block behind the first third on.
  preset(config) {
    const prefix = prefixTokens(config);
    const patches = tokenCount(config) - prefix;
    const counts = Array.from({ length: config.depth }, (_, block) => {
      if (block === config.depth - 1) return prefix;
      return prefix + (block < config.depth / 3 ? patches : Math.ceil(patches / 2) + 1);
    });
    return planOfCounts(config, counts, entry);
  },
  entry,
};
