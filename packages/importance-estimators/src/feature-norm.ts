/** Length of each token's features at the block's input. */

import { mul, sqrt, sum } from '@patchslim/tensor';
import { captured, overKept } from './captured.js';
import { defineEstimator } from './estimator.js';

/** `‖Z[i, :]‖`: the length of a token's features at the block's input. */
export const featureNorm = defineEstimator({
  name: 'feature-norm',
  description: "length of the token's features at the block's input",
  needs: ['input'],
  looksDeeper: false,
  score: (captures) =>
    captures.map((capture) => {
      const input = captured(capture, 'input');
      return overKept(capture, sqrt(sum(mul(input, input), -1)));
    }),
});
