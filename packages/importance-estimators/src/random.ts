/** Random scores: a baseline for every other score. */

import { createRandom } from '@patchslim/tensor';
import { tokensOf } from './capture-view.js';
import { fixedScores } from './fixed.js';
import { defineScore } from './score.js';

/** Random scores, the same for every image: a baseline. */
export const random = defineScore({
  name: 'random',
  summary: 'random scores from the seed, drawn anew for each block',
  needs: ['input'],
  readsDeeperBlocks: false,
  ofNetwork: (captures, { seed }) =>
    captures.map((capture) => {
      const draw = createRandom(seed * 1000 + capture.block);
      const scores = Array.from({ length: Math.max(...tokensOf(capture).kept) + 1 }, draw);
      return fixedScores(capture, (position) => scores[position]!);
    }),
});
