/**
 * Prunes in two stages (Zero-TPrune, arXiv 2305.17328). First by importance: PageRank on the graph of attention, `s ← Pᵀ s`
 * in each head from equal scores on; over the heads the root of the mean square, of those heads whose scores have a
 * variance within 0.01 and 0.7 (of scores with mean 1), or of all if there are none. Then by similarity: of the patches
 * left, the less important half turns to the more important half, and those with the most similar keys go. Half of what is
 * pruned goes in each stage.
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
import { rowsOf, type BlockView } from '../choosing/block-view.js';
import type { Choice } from '../choosing/choice.js';
import { cosines, headWidth, meanKeys } from '../choosing/cosines.js';
import { mergePairs, pairMacs } from '../choosing/merge-pairs.js';
import { leastOfPairs, unsizedRows } from '../choosing/merged-rows.js';
import { hostsAlone, sidesByScore } from '../choosing/sides-by-score.js';
import { prefixTokens } from '../configs.js';

const [leastVariance, mostVariance] = [0.01, 0.7];

/** @param iterations of PageRank */
export const zeroTPrune = (iterations: number): Choice => ({
  behindAttention: true,
  seesAttention: true,
  least: leastOfPairs,
  problem: () =>
    Number.isInteger(iterations) && iterations > 0
      ? undefined
      : `ranks with ${iterations} iterations; expected a whole number from 1`,
  rows: (view, count) => {
    const { important, hostsEnd, similar } = stages(prefixTokens(view.config), rowsOf(view), count);
    const scores = importance(view, iterations);
    if (similar === 0) return unsizedRows(hostsAlone(sidesByScore(scores, count, count, view)), view);
    const sides = sidesByScore(scores, hostsEnd, important, view);
    const { hosts } = mergePairs(sides, cosines(meanKeys(view), sides), similar);
    return unsizedRows({ means: hosts, sums: hosts, hosts }, view);
  },
  macs: (config, rowsIn, rowsOut) => {
    const prefix = prefixTokens(config);
    const { important, hostsEnd, similar } = stages(prefix, rowsIn, rowsOut);
    const sides = { guests: similar && important - hostsEnd, hosts: hostsEnd - prefix, r: 0 };
    return (
      config.heads * iterations * rowsIn ** 2 + pairMacs(sides, { metric: headWidth(config), channels: 0 })
    );
  },
});

/** Rows left by the first stage, those of them that are prefix or hosts, and how many go in the second. */
function stages(prefix: number, rowsIn: number, rowsOut: number) {
  const similar = Math.floor((rowsIn - rowsOut) / 2);
  const important = rowsOut + similar;
  return { important, hostsEnd: prefix + Math.ceil((important - prefix) / 2), similar };
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
