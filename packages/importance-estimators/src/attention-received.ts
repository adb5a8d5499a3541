/** Attention that each token receives from all tokens: the column sums of PoWER-BERT (arXiv 2001.08950). */

import { sum } from '@patchslim/tensor';
import { defineScore } from './score.js';

/** The attention that a token receives, summed over heads and queries of the block. */
export const attentionReceived = defineScore({
  name: 'attention-received',
  summary: 'attention received from all tokens, summed over heads and queries (PoWER-BERT)',
  reads: ['attention'],
  ofBlock: ({ attention }) => sum(attention!, [1, 2]),
});
