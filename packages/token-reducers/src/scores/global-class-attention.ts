/**
 * The running mean of the attention that a token gets from the class token (global class attention of Evo-ViT, arXiv
 * 2108.01390): half of it is new in each block with this score.
 */

import { add, mul, reshape, type Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import { classAttentionMacs, rowsOf } from '../parts/view.js';
import { meanClassAttention } from './class-attention.js';
import { defineScore } from './score.js';

export const globalClassAttention = defineScore('global-class-attention', {}, () => ({
  needsAttention: false,
  scores: (view) => reshape(runningMean(view), [view.tokens.shape[0]!, rowsOf(view)]),
  globalClassAttention: runningMean,
  macs: classAttentionMacs,
}));

/** `[B, n_in, 1]`. */
function runningMean(view: BlockView): Tensor {
  const now = reshape(meanClassAttention(view), [view.tokens.shape[0]!, rowsOf(view), 1]);
  const before = view.globalClassAttention;
  return before ? mul(add(before, now), 0.5) : now;
}
