/** Figures of dense and slimmed predictions on the same images, with intervals and paired differences. */

import type { ImageSet } from '@patchslim/datasets';
import { blocksFor } from '@patchslim/slimming-schedules';
import type { VitModel } from '@patchslim/vit-models';
import {
  predictWithAll,
  summarizePredictions,
  type EvaluateOptions,
  type Evaluation,
  type ZeroShotOptions,
} from './evaluate.js';
import type { Predictions } from './predictions.js';
import { pairedShareDifference, type PairedDifference } from './intervals/paired-difference.js';
import type { SlimmedModel } from './slimmed-model.js';
import type { TextEmbeddings } from './zero-shot/text-embeddings.js';
import { requireFittingText, zeroShot } from './zero-shot/zero-shot.js';

/** Slimmed minus dense, in percentage points. */
export interface AccuracyChange {
  readonly top1: PairedDifference;
  readonly top5?: PairedDifference;
}

/** Both models on the same images. */
export interface EvaluatedPair {
  readonly dense: Evaluation;
  /** Includes the agreement with the dense model. */
  readonly slimmed: Evaluation;
  /** Only with labels. */
  readonly change?: AccuracyChange;
}

/**
 * Summarises dense and slimmed predictions: figures with intervals, and paired differences.
 * @param dense predictions of the dense network
 * @param slimmed predictions on the same images
 * @param text the classes of an encoder
 * @throws DATA_INVALID when there is no image
 */
export function summarizePair(
  dense: Predictions,
  slimmed: Predictions,
  text?: TextEmbeddings,
): EvaluatedPair {
  const [before, after] = text ? [zeroShot(dense, text), zeroShot(slimmed, text)] : [dense, slimmed];
  const change = accuracyChange(before, after);
  return {
    dense: summarizePredictions(dense, undefined, text),
    slimmed: summarizePredictions(slimmed, dense, text),
    ...(change ? { change } : {}),
  };
}

/**
 * Runs the dense and the slimmed network over images, and summarises both. Decodes each image once.
 * @param slimmed the `model` that `slim` returned
 * @param images unseen images, such as `unseen` from `slim`
 * @throws DATA_INVALID when there is no image; INVALID_ARGUMENT for text embeddings that do not fit; errors of `predict`
 * @example
 * const { dense, slimmed, change } = await evaluatePair(model, result.model, result.unseen, { batchSize: 8 });
 */
export async function evaluatePair(
  model: VitModel,
  slimmed: Pick<SlimmedModel, 'model' | 'plan'>,
  images: ImageSet,
  { text, ...options }: Omit<EvaluateOptions, 'plan'> & ZeroShotOptions,
): Promise<EvaluatedPair> {
  if (text) requireFittingText(model.config, text);
  const plan = blocksFor(slimmed.plan, slimmed.model);
  const [dense, under] = await predictWithAll([{ model }, { model: slimmed.model, plan }], images, options);
  return summarizePair(dense!, under!, text);
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
