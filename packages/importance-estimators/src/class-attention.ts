/** How much the class token attends to each token: the score of EViT. */

import { mean, slice, type Tensor } from '@patchslim/tensor';
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
      return overKept(capture, mean(row, [1, 2]));
    });
  },
});
