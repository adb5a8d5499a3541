/**
 * The baseline of the paper's Fig. 7, "norm of the current layer's attention map": the length of each token's column,
 * over heads and queries. It is Eq. 6 without the deeper blocks and without the features.
 */

import { mul, sqrt, sum } from '@patchslim/tensor';
import { captured, overKept } from './captured.js';
import { defineEstimator } from './estimator.js';

/** `‖A[:, i]‖` over heads and queries of the block: the length of the column of token `i`. */
export const attentionNorm = defineEstimator({
  name: 'attention-norm',
  description: "length of the token's column in this block's attention maps (baseline of the paper's Fig. 7)",
  needs: ['attention'],
  looksDeeper: false,
  score: (captures) =>
    captures.map((capture) => {
      const attention = captured(capture, 'attention');
      return overKept(capture, sqrt(sum(mul(attention, attention), [1, 2])));
    }),
});
