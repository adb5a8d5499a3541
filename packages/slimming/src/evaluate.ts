/** Accuracy, agreement with the dense network, and speed of a model on an image set. */

import type { ImageSet } from '@patchslim/datasets';
import { throwIfAborted, withPrograms, type LongCallOptions } from '@patchslim/tensor';
import { forward, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages, type BatchedProgram } from './batched-program.js';
import { meanDivergence } from './compare/divergence.js';
import { classFigures, type ClassFigures } from './head/class-figures.js';
import { embeddingFigures, type EmbeddingFigures } from './head/embedding-figures.js';
import { shareInterval, type Interval } from './intervals/share-interval.js';
import { collectPredictions, type Predictions } from './predictions.js';
import { requireImages } from './require-images.js';
import type { TextEmbeddings } from './zero-shot/text-embeddings.js';
import { requireFittingText, zeroShot, zeroShotHead } from './zero-shot/zero-shot.js';

/** Options of `evaluate` and `predict`. */
export interface EvaluateOptions extends LongCallOptions {
  /** Default: dense. */
  readonly plan?: readonly BlockPlan[] | undefined;
  readonly batchSize: number;
  /** Whether to keep the logits, four bytes per image and class. @default false */
  readonly keepLogits?: boolean;
}

/** Options of `evaluate` and `evaluatePair`. */
export interface ZeroShotOptions {
  /** Text embeddings of classes, so that an encoder is evaluated as a classifier. */
  readonly text?: TextEmbeddings | undefined;
}

/** Accuracy and speed of a model on images. */
export interface Evaluation {
  readonly images: number;
  /** Percent; only with labels, and for an encoder with text embeddings. */
  readonly top1?: number;
  readonly top5?: number;
  /** Mean average precision, percent: instead of top-1 and top-5 where images may have several classes; only with labels. */
  readonly mAP?: number;
  /**
   * Percent of images with the same class as the reference predictions; where images may have several classes, percent of
   * equal answers, yes or no at a probability of 0.5, over all images and classes. Only with a reference, and for an encoder with
   * text embeddings.
   */
  readonly agreement?: number;
  /** Of an encoder, beside the reference embeddings; only with a reference. */
  readonly embedding?: EmbeddingFigures;
  /** Of an encoder with text embeddings: KL divergence of the classes from the reference's at the logit scale, in nats. */
  readonly divergence?: number;
  /** Where images may have several classes: the figures of each. */
  readonly perClass?: ClassFigures;
  /** Wilson's 95 % intervals of the shares, percent. The answers for one image count as one. */
  readonly intervals: { readonly [Figure in 'top1' | 'top5' | 'agreement']?: Interval };
  /** End to end, with decoding and inference in parallel. */
  readonly imagesPerSecond: number;
  /** As in `Predictions`, for all images together. */
  readonly decodeMs: number;
  readonly inferMs: number;
}

/**
 * Runs a model, dense or under a plan, over all images.
 * @throws DATA_INVALID for a label without a class in the model; errors of decoding
 */
export async function predict(
  model: VitModel,
  images: ImageSet,
  { plan, ...options }: EvaluateOptions,
): Promise<Predictions> {
  const [predictions] = await predictWithAll([{ model, plan }], images, options);
  return predictions!;
}

/** A model and its plan; dense without a plan. */
export interface Network {
  readonly model: VitModel;
  readonly plan?: readonly BlockPlan[] | undefined;
}

/**
 * Runs several networks over the same images. Decodes each image once.
 * @param networks with the same image size and classes
 * @returns one entry for each network
 * @throws as `predict`
 */
export async function predictWithAll(
  networks: readonly Network[],
  images: ImageSet,
  { batchSize, keepLogits = false, signal, onProgress }: Omit<EvaluateOptions, 'plan'>,
): Promise<Predictions[]> {
  return withPrograms(async (own) => {
    const programs: BatchedProgram<'images', 'logits'>[] = [];
    for (const { model, plan } of networks) {
      const program = await compileOnImages(model, batchSize, (pixels) => ({
        logits: forward(model, pixels, { plan }).logits,
      }));
      programs.push(own(program));
    }
    const collectors = networks.map(({ model }) => collectPredictions(images, model.config, keepLogits));
    let [inferMs, done] = [0, 0];
    const start = performance.now();
    for await (const batch of images.batches(batchSize, { signal })) {
      for (const [i, program] of programs.entries()) {
        throwIfAborted(signal, 'predict()');
        const began = performance.now();
        const { logits } = await program.run({ images: batch.images });
        const took = performance.now() - began;
        inferMs += took;
        collectors[i]!.add(batch, logits.data, took);
      }
      done += batch.ids.length;
      onProgress?.({ stage: 'evaluate', done, total: images.count, unit: 'images' });
    }
    const decodeMs = performance.now() - start - inferMs;
    return collectors.map((collector) => collector.result(decodeMs));
  });
}

/**
 * Summarises predictions. `reference` are the dense network's predictions on the same images, `text` the classes of an encoder.
 * @throws DATA_INVALID when there is no image
 */
export function summarizePredictions(
  predictions: Predictions,
  reference?: Predictions,
  text?: TextEmbeddings,
): Evaluation {
  const { embeddings } = predictions;
  const figures = embeddings && reference && embeddingFigures(embeddings, reference.embeddings!);
  if (!embeddings || !text)
    return { ...summarizeClasses(predictions, reference), ...(figures && { embedding: figures }) };
  const own = zeroShot(predictions, text);
  const theirs = reference && zeroShot(reference, text);
  return {
    ...summarizeClasses(own, theirs),
    ...(figures && { embedding: figures }),
    ...(theirs && { divergence: meanDivergence(own.logits!, theirs.logits!, zeroShotHead(text)) }),
  };
}

function summarizeClasses(predictions: Predictions, reference?: Predictions): Evaluation {
  const { ids, classes, labels, inTop5, perClass, embeddings, decodeMs, inferMs, totalMs } = predictions;
  const images = ids.length;
  requireImages(images, 'summarizePredictions()');
  const percent = (count: number) => (100 * count) / images;
  const multiLabel = perClass && classFigures(perClass, reference?.perClass);
  const agreement = multiLabel
    ? multiLabel.agreement
    : reference && !embeddings
      ? percent(equalPlaces(classes, reference.classes))
      : undefined;
  const shares = {
    ...(labels
      ? { top1: percent(equalPlaces(classes, labels)), top5: percent(inTop5.reduce((a, b) => a + b, 0)) }
      : {}),
    ...(agreement === undefined ? {} : { agreement }),
  };
  return {
    images,
    ...multiLabel,
    ...shares,
    intervals: Object.fromEntries(
      Object.entries(shares).map(([name, share]) => [name, shareInterval(share, images)]),
    ),
    imagesPerSecond: (1000 * images) / totalMs,
    decodeMs,
    inferMs,
  };
}

/**
 * Runs and summarises in one call. Without labels, and of an encoder, the dense network also runs, for comparison.
 *
 * @throws as `predict`; INVALID_ARGUMENT for text embeddings that do not fit the model
 */
export async function evaluate(
  model: VitModel,
  images: ImageSet,
  { text, ...options }: EvaluateOptions & ZeroShotOptions,
): Promise<Evaluation> {
  if (text) requireFittingText(model.config, text);
  const predictions = await predict(model, images, options);
  const labelled = predictions.labels ?? predictions.perClass?.targets;
  if (labelled || !options.plan) return summarizePredictions(predictions, undefined, text);
  const reference = await predict(model, images, { ...options, plan: undefined });
  return summarizePredictions(predictions, reference, text);
}

function equalPlaces(a: Int32Array, b: Int32Array): number {
  return a.reduce((count, value, i) => count + (value === b[i] ? 1 : 0), 0);
}
