/** The attention that a token gets from the class token in the block itself (EViT, arXiv 2202.07800). */

import { classAttentionScores } from '@patchslim/importance-estimators';
import type { Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import { classAttentionMacs } from '../parts/view.js';
import { defineScore } from './score.js';

export const classAttention = defineScore('class-attention', {}, () => ({
  needsAttention: false,
  scores: meanClassAttention,
  macs: classAttentionMacs,
}));

/** Averaged over the heads: `[B, n_in]`. */
export function meanClassAttention(view: BlockView): Tensor {
  return classAttentionScores(view.classAttention());
}
