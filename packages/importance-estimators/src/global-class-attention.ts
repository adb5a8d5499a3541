/**
 * Running mean of the attention from the class token (global class attention of Evo-ViT, arXiv 2108.01390). Each
 * block with this score gives half of the new mean.
 */

import { add, mul, reshape, type Tensor } from '@patchslim/tensor';
import type { BlockView } from '@patchslim/vit-models';
import { meanClassAttention } from './class-attention.js';
import { defineScore } from './score.js';

/** Class attention, averaged over the blocks so far. */
export const globalClassAttention = defineScore({
  name: 'global-class-attention',
  summary: 'attention from the class token, running mean over the blocks so far (Evo-ViT)',
  reads: ['class-attention'],
  runTimeOnly: 'averages over the blocks before',
  ofBlock(view) {
    const mean = runningMean(view);
    return reshape(mean, mean.shape.slice(0, 2));
  },
  globalClassAttention: runningMean,
});

/** `[B, n_in, 1]`. */
function runningMean(view: BlockView): Tensor {
  const attention = meanClassAttention(view);
  const now = reshape(attention, [...attention.shape, 1]);
  const before = view.globalClassAttention;
  return before ? mul(add(before, now), 0.5) : now;
}
