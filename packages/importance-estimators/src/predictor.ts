/** Token scores for each image while the network runs (DPS-ViT, §4.4 of the paper). */

import { add, float32, gather, linear, mean, named, reshape, Tensor } from '@patchslim/tensor';
import { tokenCount, type Positions, type VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineScore } from './score.js';

/**
 * A linear predictor of importance (a down-sampling layer and a linear layer). The score of a token at position `p`
 * with features `x` `[D]` is `positions[p] + Σ_g weights[g] · pooled_g(x)`, where `pooled_g` is the mean of the
 * `g`-th group of `D / weights.length` consecutive channels.
 */
export interface Predictor {
  /** Score of each position, `[N]`. The scores of the prefix tokens are ignored. */
  readonly positions: readonly number[];
  /** One weight per group of channels. */
  readonly weights: readonly number[];
}

/** Scores of a linear predictor. Its weights are the options of the score. */
export const predictor = defineScore({
  name: 'predictor',
  summary: 'output of a linear predictor from position and features (DPS-ViT)',
  options: { positions: z.array(z.number()), weights: z.array(z.number()) },
  reads: ['input'],
  runTimeOnly: 'needs the weights of a fitted predictor',
  ofBlock: ({ tokens, positions }, options) => scoreTokens(options, tokens, positions),
  problem: (config, options) => problemOf(options, config),
  // The means over groups of channels are additions: not counted.
  macs: (rowsIn, { weights }) => rowsIn * weights.length,
});

/**
 * Scores `[B, n]` of tokens `[B, n, D]`. Cost: `n · g` multiply-accumulates with `g` groups of channels; the group
 * means are only additions.
 */
export function scoreTokens(predictor: Predictor, tokens: Tensor, positions: Positions): Tensor {
  const { backend } = tokens;
  const [batch, count] = tokens.shape as [number, number];
  const { weights } = predictor;
  const table = Float32Array.from(predictor.positions);
  return named(backend, 'rank', () => {
    const ofPosition =
      positions instanceof Tensor
        ? reshape(
            gather(backend.constant(float32([table.length], table)), reshape(positions, [batch * count]), 0),
            [batch, count],
          )
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

/** Above this limit a score could exceed the score of a prefix token. */
const largestNumber = 1e30;

function problemOf({ positions, weights }: Predictor, config: VitConfig): string | undefined {
  const tokens = tokenCount(config);
  if (positions.length !== tokens) {
    return `has a predictor for ${positions.length} positions; ${config.name} has ${tokens} tokens`;
  }
  if (weights.length === 0 || config.width % weights.length !== 0) {
    return `has a predictor for ${weights.length} groups of channels, which do not divide the ${config.width} channels of ${config.name}`;
  }
  const wrong = [...positions, ...weights].find((value) => !(Math.abs(value) <= largestNumber));
  return wrong === undefined ? undefined : `has a predictor with the number ${wrong}`;
}
