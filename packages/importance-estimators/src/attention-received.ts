/** How much attention each token receives from all tokens: the column sums of PoWER-BERT. */

import { mean } from '@patchslim/tensor';
import { captured, overKept } from './captured.js';
import { defineEstimator } from './estimator.js';

/** The attention that a token gets, mean over heads and queries of the block. */
export const attentionReceived = defineEstimator({
  name: 'attention-received',
  description: 'attention received from all tokens, mean over heads and queries (PoWER-BERT)',
  needs: ['attention'],
  looksDeeper: false,
  score: (captures) =>
    captures.map((capture) => overKept(capture, mean(captured(capture, 'attention'), [1, 2]))),
});
