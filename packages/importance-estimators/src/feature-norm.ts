/** Length of each token's features at the block's input. */

import { mul, sqrt, sum } from '@patchslim/tensor';
import { defineScore } from './score.js';

/** `‖Z[i, :]‖`: the length of a token's features at the block's input. */
export const featureNorm = defineScore({
  name: 'feature-norm',
  summary: "length of the token's features at the block's input",
  reads: ['input'],
  ofBlock: ({ tokens }) => sqrt(sum(mul(tokens, tokens), -1)),
});
