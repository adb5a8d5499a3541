/** Norm of each token's values: how strongly a token can affect others through attention. */

import { mul, sqrt, sum } from '@patchslim/tensor';
import { defineScore } from './score.js';

/** `‖V[i, :]‖`: the length of a token's values, all heads together. */
export const valueNorm = defineScore({
  name: 'value-norm',
  summary: "length of the token's values",
  reads: ['values'],
  ofBlock: ({ values }) => sqrt(sum(mul(values, values), -1)),
});
