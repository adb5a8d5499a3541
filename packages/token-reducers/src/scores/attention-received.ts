/** The attention that a token gets from all tokens: column sums of attention, over the heads (PoWER-BERT, arXiv 2001.08950). */

import { receivedAttentionScores } from '@patchslim/importance-estimators';
import type { Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import { defineScore } from './score.js';

export const attentionReceived = defineScore('attention-received', {}, () => ({
  needsAttention: true,
  scores: receivedAttention,
  // Sums of what the block computes anyway.
  macs: () => 0,
}));

/** Summed over heads and queries: `[B, n_in]`. */
export function receivedAttention({ attention }: BlockView): Tensor {
  return receivedAttentionScores(attention!);
}
