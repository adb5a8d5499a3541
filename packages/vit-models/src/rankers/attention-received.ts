/** Ranks by what all tokens attend to: the sum of the columns of attention, over the heads (PoWER-BERT, arXiv 2001.08950). */

import { sum, type Tensor } from '@patchslim/tensor';
import type { BlockView } from '../choosing/block-view.js';
import type { Ranking } from './ranker.js';

export const attentionReceived: Ranking = {
  seesAttention: true,
  scores: receivedAttention,
  // Sums of what the block computes anyway.
  macs: () => 0,
};

/** Over heads and queries: `[B, n_in]`. */
export function receivedAttention({ attention }: BlockView): Tensor {
  return sum(attention!, [1, 2]);
}
