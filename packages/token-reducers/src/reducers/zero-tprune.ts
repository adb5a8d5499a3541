/**
 * Prunes in two stages (Zero-TPrune, arXiv 2305.17328). First by importance: PageRank on the graph of attention,
 * `s ← Pᵀ s` in each head, starting from equal scores. The heads are combined by root mean square, over the heads
 * whose scores (with mean 1) have a variance between 0.01 and 0.7, or over all heads if there are none. Then by
 * similarity: the less important half of the remaining patches is matched with the more important half, and the
 * patches with the most similar keys are dropped. Each stage drops half.
 */

import {
  add,
  broadcastTo,
  cast,
  div,
  equal,
  float32,
  greater,
  matMul,
  mul,
  neg,
  reshape,
  sqrt,
  sum,
  variance,
  type Tensor,
} from '@patchslim/tensor';
import { prefixTokens, type BlockView } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import { leastOfPairs, setsByScore } from '../parts/bipartition.js';
import { cosines, meanKeys } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { unsizedRows, withoutSources } from '../parts/merged-rows.js';
import { headWidth, rowsOf } from '../parts/view.js';

const [leastVariance, mostVariance] = [0.01, 0.7];

/**
 * Iterations of PageRank: many in the first quarter of the blocks, where attention is spread; one from the middle on.
 */
const [shallow, middle, deep] = [30, 5, 1];

export const zeroTPrune = defineReducer({
  name: 'zero-tprune',
  summary:
    'drops the least important tokens by PageRank on attention, then the less important of similar ones (Zero-TPrune)',
  options: { iterations: z.int().check(z.positive()) },
  optionsAt: ({ block, config: { depth } }) => ({
    iterations: block < depth / 4 ? shallow : block < depth / 2 ? middle : deep,
  }),
  behaviour: ({ iterations }) => ({
    phase: 'after-attention',
    needsAttention: true,
    merges: false,
    least: leastOfPairs,
    problem: () =>
      Number.isInteger(iterations) && iterations > 0
        ? undefined
        : `ranks with ${iterations} iterations; expected a whole number from 1`,
    reduce: (view, count) => {
      const { important, destinationsEnd, similar } = stages(prefixTokens(view.config), rowsOf(view), count);
      const scores = importance(view, iterations);
      if (similar === 0) return unsizedRows(withoutSources(setsByScore(scores, count, count, view)), view);
      const sets = setsByScore(scores, destinationsEnd, important, view);
      const { destinations } = mergePairs(sets, cosines(meanKeys(view), sets), similar);
      return unsizedRows({ means: destinations, sums: destinations, destinations }, view);
    },
    macs: (config, rowsIn, rowsOut) => {
      const prefix = prefixTokens(config);
      const { important, destinationsEnd, similar } = stages(prefix, rowsIn, rowsOut);
      const sets = {
        sources: similar && important - destinationsEnd,
        destinations: destinationsEnd - prefix,
        r: 0,
      };
      return (
        config.heads * iterations * rowsIn ** 2 + pairMacs(sets, { metric: headWidth(config), channels: 0 })
      );
    },
  }),
});

/**
 * Rows that the first stage leaves, how many of these are prefix or destinations, and how many rows the second stage
 * drops.
 */
function stages(prefix: number, rowsIn: number, rowsOut: number) {
  const similar = Math.floor((rowsIn - rowsOut) / 2);
  const important = rowsOut + similar;
  return { important, destinationsEnd: prefix + Math.ceil((important - prefix) / 2), similar };
}

/** `[B, n]`. */
function importance({ attention }: BlockView, iterations: number): Tensor {
  const { backend, shape } = attention!;
  const [batch, heads, rows] = shape as [number, number, number, number];
  let scores = broadcastTo(backend.constant(float32([1, 1, 1, 1], [1])), [batch, heads, rows, 1]);
  for (let i = 0; i < iterations; i++) scores = matMul(attention!, scores, { transposeA: true });
  const spread = variance(scores, 2, { keepDims: true });
  const within = mul(
    cast(greater(spread, leastVariance), 'float32'),
    add(neg(cast(greater(spread, mostVariance), 'float32')), 1),
  );
  const used = sum(within, 1, { keepDims: true });
  const weights = add(within, cast(equal(used, 0), 'float32'));
  const squares = sum(mul(mul(scores, scores), weights), 1);
  return sqrt(reshape(div(squares, sum(weights, 1)), [batch, rows]));
}
