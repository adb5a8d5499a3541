/** Attention of the class token to each token: the score of EViT (arXiv 2202.07800). */

import { mean, reshape, type Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import { defineScore } from './score.js';

/** Attention from the class token to each token, mean over the heads of the block. */
export const classAttention = defineScore({
  name: 'class-attention',
  summary: 'attention from the class token, mean over heads (EViT)',
  reads: ['class-attention'],
  ofBlock: meanClassAttention,
});

/** `[B, n_in]`. */
export function meanClassAttention(view: Pick<BlockView, 'classAttention'>): Tensor {
  const row = view.classAttention();
  const [batch, , , tokens] = row.shape as [number, number, number, number];
  return reshape(mean(row, 1), [batch, tokens]);
}
