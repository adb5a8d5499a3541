/** Lots: the baseline that every estimator has to beat. */

import { createRandom } from '@patchslim/tensor';
import { tokensOf } from './captured.js';
import { defineEstimator } from './estimator.js';
import { fixedScores } from './fixed.js';

/** Scores by lot: what any other estimator has to beat. */
export const random = defineEstimator({
  name: 'random',
  description: 'random scores from the seed, drawn anew for each block',
  needs: ['input'],
  looksDeeper: false,
  score: (captures, { seed }) =>
    captures.map((capture) => {
      const draw = createRandom(seed * 1000 + capture.block);
      const scores = Array.from({ length: Math.max(...tokensOf(capture).kept) + 1 }, draw);
      return fixedScores(capture, (position) => scores[position]!);
    }),
});
