/** Scores that do not depend on the image, broadcast over a batch. */

import { broadcastTo, float32, type Tensor } from '@patchslim/tensor';
import type { BlockCapture } from '@patchslim/vit-models';
import { captured, tokensOf } from './capture-view.js';

/** Returns `[B, n_out]`: the score of each token position, the same for every image. */
export function fixedScores(capture: BlockCapture, scoreOf: (position: number) => number): Tensor {
  const { kept } = tokensOf(capture);
  const input = captured(capture, 'input'); // only for the backend and the batch size
  const row = input.backend.constant(float32([1, kept.length], kept.map(scoreOf)));
  return broadcastTo(row, [input.shape[0]!, kept.length]);
}
