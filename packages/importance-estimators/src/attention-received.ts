/** How much attention each token receives from all tokens: the column sums of PoWER-BERT. */

import { mul, sum, type Tensor } from '@patchslim/tensor';
import { captured, overKept } from './captured.js';
import { defineEstimator } from './estimator.js';

/** The attention that a token gets, mean over heads and queries of the block. */
export const attentionReceived = defineEstimator({
  name: 'attention-received',
  description: 'attention received from all tokens, mean over heads and queries (PoWER-BERT)',
  needs: ['attention'],
  looksDeeper: false,
  score: (captures) =>
    captures.map((capture) => {
      const attention = captured(capture, 'attention');
      const [, heads, queries] = attention.shape as [number, number, number];
      return overKept(capture, mul(receivedAttentionScores(attention), 1 / (heads * queries)));
    }),
});

/**
 * The score of `attention-received` from attention, `[B, H, q, n] → [B, n]`: the sum over heads and queries. A reducer takes
 * it inside the running network, where fused rows are weighted by it.
 */
export const receivedAttentionScores = (attention: Tensor): Tensor => sum(attention, [1, 2]);
