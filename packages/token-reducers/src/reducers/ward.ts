/**
 * Merges tokens before the queries, so that attention and MLP run only on the remaining tokens. It merges the pairs
 * whose mean is nearest to both, weighted by class attention: Ward's criterion (the growth of the sum of squares
 * within clusters) with attention as mass.
 */

import { classAttention } from '@patchslim/importance-estimators';
import { add, div, maximum, normalize, pow, reshape, sub, type Tensor } from '@patchslim/tensor';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import {
  alternateCounts,
  alternateSets,
  checkerboardSets,
  leastOfPairs,
  type Bipartition,
} from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { sizedPairs, sizedPairsOfLength } from '../parts/merged-rows.js';
import { rowsOf } from '../parts/view.js';

const attended = classAttention.create({});

export const ward = defineReducer({
  name: 'ward',
  summary: 'merges the tokens that affect the class token least, before the queries',
  options: {
    /** How patches are dealt into sources and destinations while all are there. Default: `rows`, in turn. */
    deal: z.optional(z.enum(['rows', 'checkerboard'])),
    /** Whether a merged row is as long as its members were. Default: `mean`, it is their mean. */
    norms: z.optional(z.enum(['mean', 'kept'])),
  },
  // Plans of earlier versions have no options.
  optionsAt: () => ({ deal: 'checkerboard', norms: 'kept' }) as const,
  fewBlocks: true,
  behaviour: ({ deal, norms }) => ({
    phase: 'before-queries',
    needsAttention: false,
    merges: true,
    least: leastOfPairs,
    reduce: (view, count) => {
      const sets = deal === 'checkerboard' ? checkerboardSets(view) : alternateSets(view);
      const rows = rowsOf(view);
      const scores = reshape(attended.scores(view, count), [view.tokens.shape[0]!, rows, 1]);
      const attention = maximum(scores, leastAttention);
      const directions = normalize(view.rows);
      const merge = mergePairs(sets, cheapMeans(directions, attention, sets), rows - count);
      return norms === 'kept'
        ? sizedPairsOfLength(merge, attention, directions, view)
        : sizedPairs(merge, attention, view);
    },
    macs: (config, rowsIn, rowsOut) =>
      attended.macs(config, rowsIn) +
      pairMacs(alternateCounts(config, rowsIn, rowsOut), {
        metric: config.width,
        channels: config.width + (norms === 'kept' ? 3 : 2),
      }),
  }),
});

/** Attention can be too small for a float32; the sum of rows with this weight is still far from 0. */
const leastAttention = 1e-8;

/**
 * Fit of sources and destinations: `− m_i m_j / (m_i + m_j) · (1 − cos(x_i, x_j))`, with `m` the square root of the
 * attention. The attention itself would protect important tokens too much: docs/guide/experiments.md has the
 * comparison. Computed as `(cos(x_i, x_j) − 1) / (1 / m_i + 1 / m_j)`.
 * @param directions of the tokens, with length 1: `[B, n, D]`
 * @param attention `[B, n, 1]`, of the class token
 * @returns `[B, sources, destinations]`
 */
function cheapMeans(directions: Tensor, attention: Tensor, sets: Bipartition): Tensor {
  const inverse = pow(attention, -0.5);
  const row = sets.destinations(inverse);
  const both = add(sets.sources(inverse), reshape(row, [row.shape[0]!, 1, row.shape[1]!]));
  return div(sub(cosines(directions, sets), 1), both);
}
