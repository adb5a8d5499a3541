/**
 * Samples tokens by class attention times the norm of their values (ATS, arXiv 2111.15667): the scores, normalised to
 * sum to one and sorted in ascending order, divide the unit interval. A token is sampled if one of `K` equidistant
 * points falls into its part. Several points can fall into one part; ATS then keeps fewer than `K` tokens. Here every
 * image keeps `K` tokens: the largest scores among the others fill up.
 */

import {
  add,
  broadcastTo,
  cast,
  concat,
  cumSum,
  div,
  float32,
  gather,
  greater,
  mul,
  neg,
  range,
  reshape,
  slice,
  splitHeads,
  sqrt,
  sum,
  topK,
  transpose,
  type Tensor,
} from '@patchslim/tensor';
import { prefixRows, prefixTokens, type BlockView } from '@patchslim/vit-models';
import { defineScore } from './score.js';

/** Class attention times the norm of the values, sampled. */
export const sampledAttention = defineScore({
  name: 'sampled-attention',
  summary: 'sampled by attention from the class token times the norm of the values (ATS)',
  reads: ['input', 'class-attention', 'values'],
  runTimeOnly: 'samples as many tokens as the block leaves',
  ofBlock(view, _, rowsOut) {
    const shares = sharesOf(view);
    const [rows, points] = [view.tokens.shape[1]!, rowsOut - prefixTokens(view.config)];
    if (points === 0) return shares;
    const upwards = topK(neg(shares), rows);
    const sorted = gather(shares, upwards, 1, 1);
    const sampled = sampledParts(sorted, points);
    // A share is at most one, so sampled tokens rank before all others.
    return gather(add(sorted, sampled), inverse(upwards), 1, 1);
  },
});

/** The share of each patch in class attention times the norm of the value: `[B, n]`, 0 for prefix tokens. */
function sharesOf(view: BlockView): Tensor {
  const { heads } = view.config;
  const [batch, rows] = view.tokens.shape as [number, number];
  const values = splitHeads(view.values, heads);
  const norms = transpose(sqrt(sum(mul(values, values), -1, { keepDims: true })), [0, 1, 3, 2]);
  const scores = reshape(sum(mul(view.classAttention(), norms), 1), [batch, rows]);
  const patches = new Float32Array(rows).fill(1);
  for (const row of prefixRows(view)) patches[row] = 0;
  const ofPatches = mul(scores, scores.backend.constant(float32([1, rows], patches)));
  return div(ofPatches, sum(ofPatches, -1, { keepDims: true }));
}

/**
 * For shares `[B, n]`: 1 if one of the points ½/K, 1½/K, … falls into the share's part of the unit interval, else 0.
 */
function sampledParts(shares: Tensor, points: number): Tensor {
  const [batch, rows] = shares.shape as [number, number];
  const ends = cumSum(shares, -1);
  const at = Float32Array.from(range(points), (k) => (k + 0.5) / points);
  const beyond = greater(
    shares.backend.constant(float32([1, 1, points], at)),
    reshape(ends, [batch, rows, 1]),
  );
  const pointsBehind = sum(cast(beyond, 'float32'), -1);
  const all = broadcastTo(shares.backend.constant(float32([1, 1], [points])), [batch, 1]);
  const pointsBefore = concat([all, slice(pointsBehind, [0, 0], [-1, rows - 1])], 1);
  return cast(greater(pointsBefore, pointsBehind), 'float32');
}

/** Inverse of permutations, int32 `[B, n]`. */
const inverse = (order: Tensor): Tensor => topK(neg(cast(order, 'float32')), order.shape[1]!);
