/**
 * Solves a predictor from sums, in closed form: a mean for each position, and ridge regression of the rest on the
 * features.
 */

import type { ScoreData } from '@patchslim/importance-estimators';
import { meanDiagonal, solveRidge, squaredError, type RidgeSums } from '../recover/ridge.js';
import { addSums, residualSums, type PredictorSums } from './predictor-sums.js';

export interface FittedPredictor {
  /** For `top-k`. */
  readonly score: Extract<ScoreData, { name: 'predictor' }>;
  /** Share of the variance within held-out images that the predictor explains; at most 1. */
  readonly r2: number;
  /** Share that the position means alone explain. */
  readonly staticR2: number;
}

/** `λ` in units of the mean diagonal of the features' sums; infinity ignores the features. */
const lambdas = [Infinity, 10, 1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];

/**
 * Chooses the `λ` that is best on `heldBack` after fitting to `learn`; the final predictor is fitted to both.
 * @param prefix number of tokens before the patches; the sums do not include them
 */
export function solvePredictor(
  learn: PredictorSums,
  heldBack: PredictorSums,
  prefix: number,
): FittedPredictor {
  const [learning, judging] = [residualSums(learn, learn), residualSums(heldBack, learn)];
  // Features that do not differ between images leave only rounding errors: nothing to learn.
  const varies = meanDiagonal(learning) > 1e-6 * meanOfDiagonal(learn);
  const tried = (varies ? lambdas : [Infinity]).map((lambda) => ({
    lambda,
    error: squaredError(judging, solve(learning, lambda)),
  }));
  const best = tried.reduce((a, b) => (b.error < a.error ? b : a));
  const all = addSums(learn, heldBack);
  const weights = solve(residualSums(all, all), best.lambda).slice(0, -1);
  const explained = (error: number) => (heldBack.square > 0 ? 1 - error / heldBack.square : 0);
  return {
    score: {
      name: 'predictor',
      positions: [...Array<number>(prefix).fill(0), ...scoresOfPositions(all, weights)],
      weights: Array.from(weights),
    },
    r2: explained(best.error),
    staticR2: explained(tried[0]!.error),
  };
}

/** `λ` in units of the mean diagonal. The bias is dropped: a constant does not change the order. */
function solve(sums: RidgeSums, lambda: number): Float64Array {
  const solution = solveRidge(sums, lambda === Infinity ? lambda : lambda * meanDiagonal(sums));
  solution[solution.length - 1] = 0;
  return solution;
}

function meanOfDiagonal({ gram, groups }: PredictorSums): number {
  let total = 0;
  for (let g = 0; g < groups; g++) total += gram[g * groups + g]!;
  return total / groups;
}

/** `ȳ_p − w · ū_p`: features are relative to their mean at the position. */
function scoresOfPositions(
  { patches, groups, images, features, targets }: PredictorSums,
  weights: Float64Array,
): number[] {
  return Array.from({ length: patches }, (_, p) =>
    weights.reduce(
      (score, weight, g) => score - (weight * features[p * groups + g]!) / images,
      targets[p]! / images,
    ),
  );
}
