/**
 * Even spread over the image, for any number of kept tokens: patches are ranked by a two-dimensional bit-reversal
 * order, whose first `k` patches cover the grid evenly for any `k`. Uniform pruning is a baseline in the paper's
 * Table 3.
 */

import { gridSize, prefixTokens } from '@patchslim/vit-models';
import { fixedScores } from './fixed.js';
import { defineScore } from './score.js';

/** Ranks patches so that the kept ones are evenly spread over the image, independent of its content. */
export const uniform = defineScore({
  name: 'uniform',
  summary: 'evenly spread patches, independent of the image',
  needs: ['input'],
  readsDeeperBlocks: false,
  ofNetwork(captures, { config }) {
    const grid = gridSize(config);
    const prefix = prefixTokens(config);
    const bits = Math.ceil(Math.log2(grid));
    return captures.map((capture) =>
      fixedScores(capture, (position) => {
        const patch = position - prefix;
        return patch < 0 ? 1 : 1 - spreadRank(patch % grid, Math.floor(patch / grid), bits);
      }),
    );
  },
});

/** Rank in [0, 1): bits of the column and row, interleaved, lowest bit most significant. */
function spreadRank(column: number, row: number, bits: number): number {
  let rank = 0;
  for (let bit = 0; bit < bits; bit++) {
    const x = (column >> bit) & 1;
    const y = (row >> bit) & 1;
    rank = rank * 4 + (x ^ y) * 2 + y;
  }
  return rank / 4 ** bits;
}
