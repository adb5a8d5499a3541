/** Scores of the tokens of each image while the network runs (DPS-ViT, §4.4 of the paper). */

import { add, float32, gather, linear, mean, named, reshape, Tensor } from '@patchslim/tensor';
import type { PredictorRanker } from './ranker.js';
import type { Positions } from './token-state.js';

/**
 * Scores `[B, n]` of tokens `[B, n, D]`. They cost `n · g` multiply-accumulates with `g` groups of channels; the means
 * over the groups are additions.
 */
export function scoreTokens(ranker: PredictorRanker, tokens: Tensor, positions: Positions): Tensor {
  const { backend } = tokens;
  const [batch, count] = tokens.shape as [number, number];
  const { weights } = ranker;
  const table = Float32Array.from(ranker.positions);
  return named(backend, 'rank', () => {
    const ofPosition =
      positions instanceof Tensor
        ? lookUp(backend.constant(float32([table.length], table)), positions)
        : backend.constant(
            float32(
              [1, count],
              Float32Array.from(positions, (position) => table[position]!),
            ),
          );
    const weight = backend.constant(float32([weights.length, 1], weights));
    const ofFeatures = linear(poolChannels(tokens, weights.length), weight);
    return add(reshape(ofFeatures, [batch, count]), ofPosition);
  });
}

/** Means over `groups` groups of consecutive channels: `[B, n, D] → [B, n, groups]`. */
export function poolChannels(tokens: Tensor, groups: number): Tensor {
  const [batch, count, width] = tokens.shape as [number, number, number];
  return groups === width ? tokens : mean(reshape(tokens, [batch, count, groups, width / groups]), -1);
}

/** Entries of a table `[n]` at indices `[B, k]`: `[B, k]`. */
export function lookUp(table: Tensor, indices: Tensor): Tensor {
  const flat = reshape(indices, [indices.shape[0]! * indices.shape[1]!]);
  return reshape(gather(table, flat, 0), indices.shape);
}
