/** From sums to a predictor, in closed form: a mean for each position, and ridge regression of the rest on the features. */

import type { ScoreData } from '@patchslim/importance-estimators';
import { meanDiagonal, solveRidge, squaredError, type RidgeSums } from '../recover/ridge.js';
import { addSums, residualSums, type PredictorSums } from './predictor-sums.js';

export interface FittedPredictor {
  /** For `top-k`. */
  readonly score: Extract<ScoreData, { name: 'predictor' }>;
  /** Part of the variance within held-back images that it explains; at most 1. */
  readonly r2: number;
  /** What the means of the positions alone explain. */
  readonly staticR2: number;
}

/** `λ` in units of the mean diagonal of the features' sums; infinity leaves the features out. */
const lambdas = [Infinity, 10, 1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];

/**
 * The `λ` that does best on `heldBack` of all that are learned from `learn`; the predictor itself then learns from both.
 * @param prefix tokens before the patches, of which there are no sums
 */
export function solvePredictor(
  learn: PredictorSums,
  heldBack: PredictorSums,
  prefix: number,
): FittedPredictor {
  const [learning, judging] = [residualSums(learn, learn), residualSums(heldBack, learn)];
  // Features that do not differ from image to image leave rounding errors, from which there is nothing to learn.
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

/** `λ` in units of the mean diagonal; without the bias, a constant that changes no order. */
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

/** `ȳ_p − w · ū_p`: features count from their mean at the position on. */
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
