/** What ranks the tokens of an image while the network runs: the data of it, as a plan holds it. */

import { tokenCount, type VitConfig } from './configs.js';

/**
 * A linear predictor of importance (DPS-ViT, §4.4 of the paper: a down-sampling layer and a linear layer). The score of
 * a token at position `p` with features `x` `[D]` is `positions[p] + Σ_g weights[g] · pooled_g(x)`, and `pooled_g` the mean
 * of the `g`-th group of `D / weights.length` consecutive channels.
 */
export interface PredictorRanker {
  readonly name: 'predictor';
  /** Score of each position, `[N]`; those of the prefix tokens do not matter. */
  readonly positions: readonly number[];
  /** One for each group of channels. */
  readonly weights: readonly number[];
}

/** What the class token attends to in the block itself, averaged over the heads. */
export interface ClassAttentionRanker {
  readonly name: 'class-attention';
}

/** All kinds of rankers. */
export type Ranker = PredictorRanker | ClassAttentionRanker;

/** Beyond this a score could reach that of a prefix token. */
const largestNumber = 1e30;

/** What keeps a ranker from being run in a model, if anything. */
export function rankerProblem(config: VitConfig, ranker: Ranker): string | undefined {
  if (ranker.name === 'class-attention') return undefined;
  const { name, positions, weights } = ranker;
  const tokens = tokenCount(config);
  if (positions.length !== tokens) {
    return `has a ${name} for ${positions.length} positions; ${config.name} has ${tokens} tokens`;
  }
  if (weights.length === 0 || config.width % weights.length !== 0) {
    return `has a ${name} for ${weights.length} groups of channels, into which the ${config.width} channels of ${config.name} do not divide`;
  }
  const wrong = [...positions, ...weights].find((value) => !(Math.abs(value) <= largestNumber));
  return wrong === undefined ? undefined : `has a ${name} with the number ${wrong}`;
}
