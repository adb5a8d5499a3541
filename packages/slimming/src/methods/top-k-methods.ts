/** Methods that keep the tokens of each image with the largest scores: top-k by the score of each paper. */

import { findReducer, patchesAt, shareAtQuarters } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import type { Method } from './method.js';
import { reducerMethod, type ReducerMethodOptions } from './reducer-method.js';

const topK = (options: ReducerMethodOptions): Method => reducerMethod(findReducer('top-k'), options);

/** EViT (arXiv 2202.07800). */
export const evit = topK({
  name: 'evit',
  summary: 'keeps the tokens that the class token attends to most, fuses the rest into one (EViT)',
  options: { score: { name: 'class-attention' }, rest: 'fuse' },
  countsOf: (config) => shareAtQuarters(config, 0.7, 1),
});

/** Keeps half of the patches, from the first block after the first third of the blocks. */
function halfBehindTheFirstThird(config: VitConfig): number[] {
  const prefix = prefixTokens(config);
  const patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    const left = block < config.depth / 3 ? patches : Math.ceil(patches / 2) + 1;
    return prefix + patchesAt(config, block, left);
  });
}

/** Evo-ViT (arXiv 2108.01390), without its training, and without returning the rest to the last blocks. */
export const evoVit = topK({
  name: 'evo-vit',
  summary:
    'keeps the tokens that the class token attended to most in the blocks so far, fuses the rest (Evo-ViT)',
  options: { score: { name: 'global-class-attention' }, rest: 'fuse' },
  countsOf: halfBehindTheFirstThird,
});

/** ATS (arXiv 2111.15667). */
export const ats = topK({
  name: 'ats',
  summary: 'samples tokens by class attention and the norm of their values (ATS)',
  options: { score: { name: 'sampled-attention' } },
});

/** PoWER-BERT (arXiv 2001.08950). */
export const power = topK({
  name: 'power',
  summary: 'keeps the tokens that all tokens attend to most (PoWER-BERT)',
  options: { score: { name: 'attention-received' } },
});

/** The simplest method that chooses tokens per image. */
export const classAttention = topK({
  name: 'class-attention',
  summary: 'keeps the tokens that the class token attends to most',
  options: { score: { name: 'class-attention' } },
});
