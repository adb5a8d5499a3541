/** EViT (arXiv 2202.07800): at a few blocks keeps what the class token attends to, and fuses the rest into one token. */

import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import type { RuntimeMethod } from './method.js';

/** Share of the patches that is kept at each of three blocks, a quarter of the depth apart. */
const kept = 0.7;

export const evit: RuntimeMethod = {
  name: 'evit',
  summary: 'keeps what the class token attends to, fuses the rest into one token (EViT)',
  defaultCounts(config: VitConfig) {
    const prefix = prefixTokens(config);
    let patches = tokenCount(config) - prefix;
    return Array.from({ length: config.depth }, (_, block) => {
      if (block > 0 && block % Math.round(config.depth / 4) === 0) patches = Math.ceil(kept * patches) + 1;
      return block === config.depth - 1 ? prefix : prefix + patches;
    });
  },
  entry: (count) => ({
    kind: 'rank',
    count,
    ranker: { name: 'class-attention' },
    rest: 'fuse',
  }),
};
