/** Dense and slimmed predictions on the same images, as figures: each with its interval, and the differences paired. */

import { summarizePredictions, type Evaluation, type Predictions } from '../evaluate.js';
import { pairedShareDifference, type PairedDifference } from './paired-difference.js';

/** Slimmed minus dense, points of percent. */
export interface AccuracyChange {
  readonly top1: PairedDifference;
  readonly top5?: PairedDifference;
}

/** Both models on the same images. */
export interface EvaluatedPair {
  readonly dense: Evaluation;
  /** With the agreement with the dense one. */
  readonly slimmed: Evaluation;
  /** Only with labels. */
  readonly change?: AccuracyChange;
}

/**
 * Dense and slimmed predictions as figures with their intervals, and the paired differences.
 * @param dense predictions of the dense network
 * @param slimmed predictions on the same images
 * @throws DATA_INVALID when there is no image
 */
export function summarizePair(dense: Predictions, slimmed: Predictions): EvaluatedPair {
  const change = accuracyChange(dense, slimmed);
  return {
    dense: summarizePredictions(dense),
    slimmed: summarizePredictions(slimmed, dense),
    ...(change ? { change } : {}),
  };
}

/** Undefined without labels. */
export function accuracyChange(dense: Predictions, slimmed: Predictions): AccuracyChange | undefined {
  const { labels } = dense;
  if (!labels) return undefined;
  return {
    top1: pairedShareDifference(rightOnes(dense, labels), rightOnes(slimmed, labels)),
    top5: pairedShareDifference(Array.from(dense.inTop5, Boolean), Array.from(slimmed.inTop5, Boolean)),
  };
}

const rightOnes = ({ classes }: Predictions, labels: Int32Array): boolean[] =>
  Array.from(classes, (value, image) => value === labels[image]);
