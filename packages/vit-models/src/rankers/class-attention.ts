/** Ranks by what the class token attends to in the block itself (EViT, arXiv 2202.07800). */

import { mean, reshape, type Tensor } from '@patchslim/tensor';
import { rowsOf, type BlockView } from '../choosing/block-view.js';
import { classAttentionMacs } from '../choosing/ranked-rows.js';
import type { Ranking } from './ranker.js';

export const classAttention: Ranking = {
  seesAttention: false,
  scores: meanClassAttention,
  macs: classAttentionMacs,
};

/** Averaged over the heads: `[B, n_in]`. */
export function meanClassAttention(view: BlockView): Tensor {
  return reshape(mean(view.classAttention(), 1), [view.tokens.shape[0]!, rowsOf(view)]);
}
