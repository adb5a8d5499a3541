/** Dense and slimmed predictions on the same images, as figures: each with its interval, and the differences paired. */

import { summarizePredictions, type Evaluation, type Predictions } from '../evaluate.js';
import { pairedDifference, type PairedDifference } from './paired-difference.js';

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
    top1: pairedDifference(rightOnes(dense, labels), rightOnes(slimmed, labels)),
    top5: pairedDifference(hundreds(dense.inTop5), hundreds(slimmed.inTop5)),
  };
}

const rightOnes = ({ classes }: Predictions, labels: Int32Array): Float64Array =>
  Float64Array.from(classes, (value, image) => (value === labels[image] ? 100 : 0));

const hundreds = (hits: Uint8Array): Float64Array => Float64Array.from(hits, (hit) => 100 * hit);
