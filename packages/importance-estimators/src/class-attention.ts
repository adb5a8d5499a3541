/** How much the class token attends to each token: the score of EViT. */

import { mean, reshape, slice, type Tensor } from '@patchslim/tensor';
import { captured, classRow, overKept } from './captured.js';
import { defineEstimator } from './estimator.js';

/** The attention that a token gets from the class token, mean over heads of the block. */
export const classAttention = defineEstimator({
  name: 'class-attention',
  description: 'attention from the class token, mean over heads (EViT)',
  needs: ['attention'],
  looksDeeper: false,
  score(captures) {
    return captures.map((capture): Tensor => {
      const attention = captured(capture, 'attention');
      const [batch, heads, , columns] = attention.shape as [number, number, number, number];
      const row = slice(attention, [0, 0, classRow(capture), 0], [batch, heads, 1, columns]);
      return overKept(capture, classAttentionScores(row));
    });
  },
});

/**
 * The score of `class-attention` from the class token's row of attention, `[B, H, 1, n] → [B, n]`: the mean over the heads.
 * A reducer takes it inside the running network.
 */
export function classAttentionScores(row: Tensor): Tensor {
  const [batch, , , tokens] = row.shape as [number, number, number, number];
  return reshape(mean(row, 1), [batch, tokens]);
}
