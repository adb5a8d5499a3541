/**
 * The baseline of the paper's Fig. 7, "norm of the current layer's attention map": the length of each token's column,
 * over heads and queries. It is Eq. 6 without the deeper blocks and without the features.
 */

import { mul, sqrt, sum } from '@patchslim/tensor';
import { defineScore } from './score.js';

/** `‖A[:, i]‖` over heads and queries of the block: the length of the column of token `i`. */
export const attentionNorm = defineScore({
  name: 'attention-norm',
  summary: "length of the token's column in this block's attention maps (baseline of the paper's Fig. 7)",
  reads: ['attention'],
  ofBlock: ({ attention }) => sqrt(sum(mul(attention!, attention!), [1, 2])),
});
