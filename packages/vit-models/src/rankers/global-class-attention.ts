/**
 * Ranks by what the class token attends to, averaged with what it was before (global class attention of Evo-ViT, arXiv
 * 2108.01390): half of it is new in each block that ranks so.
 */

import { add, mul, reshape, type Tensor } from '@patchslim/tensor';
import { rowsOf, type BlockView } from '../choosing/block-view.js';
import { classAttentionMacs } from '../choosing/ranked-rows.js';
import { meanClassAttention } from './class-attention.js';
import type { Ranking } from './ranker.js';

export const globalClassAttention: Ranking = {
  seesAttention: false,
  scores: (view) => reshape(runningMean(view), [view.tokens.shape[0]!, rowsOf(view)]),
  attended: runningMean,
  macs: classAttentionMacs,
};

/** `[B, n_in, 1]`. */
function runningMean(view: BlockView): Tensor {
  const now = reshape(meanClassAttention(view), [view.tokens.shape[0]!, rowsOf(view), 1]);
  return view.attended ? mul(add(view.attended, now), 0.5) : now;
}
