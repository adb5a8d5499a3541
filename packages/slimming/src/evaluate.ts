/** Accuracy, agreement with the dense network, and speed of a model on an image set. */

import type { ImageBatch, ImageSet } from '@patchslim/datasets';
import {
  PatchslimError,
  throwIfAborted,
  withPrograms,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import { forward, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages, type BatchedProgram } from './batched-program.js';
import { shareInterval, type Interval } from './intervals/share-interval.js';
import { requireFinite } from './require-finite.js';
import { requireImages } from './require-images.js';

/** Options of `evaluate` and `predict`. */
export interface EvaluateOptions extends LongCallOptions {
  /** Default: dense. */
  readonly plan?: readonly BlockPlan[] | undefined;
  readonly batchSize: number;
  /** Whether to keep the logits, four bytes per image and class. @default false */
  readonly keepLogits?: boolean;
}

/** Predictions of a model on images. */
export interface Predictions {
  /** Names of the images, in order, without skipped images. */
  readonly ids: readonly string[];
  /** Class with the largest logit for each image. Ties: the lowest class. */
  readonly classes: Int32Array;
  /** Labels of the images, if all have one. */
  readonly labels?: Int32Array;
  /** `[images, classes]`, if requested. */
  readonly logits?: Float32Array;
  /** For each image 1 if its label is among the five largest logits, else 0; empty without labels. */
  readonly inTop5: Uint8Array;
  /** Time that the model waited for decoded images, ms: the part of decoding that did not run in parallel. */
  readonly decodeMs: number;
  /** Time in the model, ms. */
  readonly inferMs: number;
  /** Time from the first file to the last logit, without compilation and other networks, ms. */
  readonly totalMs: number;
}

/** Accuracy and speed of a model on images. */
export interface Evaluation {
  readonly images: number;
  /** Percent; only with labels. */
  readonly top1?: number;
  readonly top5?: number;
  /** Percent of images with the same class as the reference predictions; only with a reference. */
  readonly agreement?: number;
  /** Wilson's 95 % intervals of these shares, percent. */
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
    const { classes } = networks[0]!.model.config;
    const collectors = networks.map(() => collectPredictions(images, classes, keepLogits));
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

/** Collects the logits of one network batch by batch. */
function collectPredictions(images: ImageSet, count: number, keepLogits: boolean) {
  const ids: string[] = [];
  const classes: number[] = [];
  const labels: number[] = [];
  const inTop5: number[] = [];
  const kept = keepLogits ? new Float32Array(images.count * count) : undefined;
  let inferMs = 0;
  return {
    add(batch: ImageBatch, logits: HostTensor['data'], ms: number): void {
      inferMs += ms;
      kept?.set(logits, ids.length * count);
      ids.push(...batch.ids);
      for (const [image, id] of batch.ids.entries()) {
        const row = logits.subarray(image * count, (image + 1) * count);
        requireFinite(row, `predict(): logits of '${id}'`);
        classes.push(argMax(row));
        const label = batch.labels?.[image];
        if (label === undefined) continue;
        requireLabel(label, count, id, images.name);
        labels.push(label);
        inTop5.push(rankOf(row, label) < 5 ? 1 : 0);
      }
    },
    result(decodeMs: number): Predictions {
      const labelled = labels.length === classes.length;
      return {
        ids,
        classes: Int32Array.from(classes),
        ...(labelled ? { labels: Int32Array.from(labels) } : {}),
        ...(kept ? { logits: kept.subarray(0, ids.length * count) } : {}),
        inTop5: Uint8Array.from(labelled ? inTop5 : []),
        ...{ decodeMs, inferMs, totalMs: decodeMs + inferMs },
      };
    },
  };
}

/**
 * Summarises predictions. `reference` are the dense network's predictions on the same images.
 * @throws DATA_INVALID when there is no image
 */
export function summarizePredictions(predictions: Predictions, reference?: Predictions): Evaluation {
  const { classes, labels, inTop5, decodeMs, inferMs, totalMs } = predictions;
  const images = classes.length;
  requireImages(images, 'summarizePredictions()');
  const percent = (count: number) => (100 * count) / images;
  const shares = {
    ...(labels
      ? { top1: percent(equalPlaces(classes, labels)), top5: percent(inTop5.reduce((a, b) => a + b, 0)) }
      : {}),
    ...(reference ? { agreement: percent(equalPlaces(classes, reference.classes)) } : {}),
  };
  return {
    images,
    ...shares,
    intervals: Object.fromEntries(
      Object.entries(shares).map(([name, share]) => [name, shareInterval(share, images)]),
    ),
    imagesPerSecond: (1000 * images) / totalMs,
    decodeMs,
    inferMs,
  };
}

/** Joins predictions on several sets. The result has labels and logits if all sets have them. */
export function pooledPredictions(parts: readonly Predictions[]): Predictions {
  const total = (of: 'decodeMs' | 'inferMs' | 'totalMs') => parts.reduce((sum, part) => sum + part[of], 0);
  const labels = parts.flatMap((part) => (part.labels ? [part.labels] : []));
  const logits = parts.flatMap((part) => (part.logits ? [part.logits] : []));
  return {
    ids: parts.flatMap((part) => part.ids),
    classes: Int32Array.from(parts.flatMap((part) => [...part.classes])),
    ...(labels.length === parts.length
      ? { labels: Int32Array.from(labels.flatMap((part) => [...part])) }
      : {}),
    ...(logits.length === parts.length ? { logits: joined(logits) } : {}),
    inTop5: Uint8Array.from(labels.length === parts.length ? parts.flatMap((part) => [...part.inTop5]) : []),
    decodeMs: total('decodeMs'),
    inferMs: total('inferMs'),
    totalMs: total('totalMs'),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Runs and summarises in one call. Without labels, the dense network also runs, for comparison. */
export async function evaluate(
  model: VitModel,
  images: ImageSet,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const predictions = await predict(model, images, options);
  if (predictions.labels || !options.plan) return summarizePredictions(predictions);
  const reference = await predict(model, images, { ...options, plan: undefined });
  return summarizePredictions(predictions, reference);
}

/** A label without a logit would count as a wrong prediction. */
function requireLabel(label: number, classes: number, id: string, set: string): void {
  if (label >= 0 && label < classes) return;
  throw new PatchslimError(
    'DATA_INVALID',
    `predict(): image '${id}' of '${set}' has label ${label}, but the model has ${classes} classes (0 to ${classes - 1})`,
    { id, label, classes },
  );
}

/** Index of the largest value. Ties: the lowest index. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Number of values before `place` in descending order. Ties: the lower index first. */
function rankOf(values: ArrayLike<number>, place: number): number {
  let rank = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > values[place]! || (values[i] === values[place] && i < place)) rank++;
  }
  return rank;
}

function equalPlaces(a: Int32Array, b: Int32Array): number {
  return a.reduce((count, value, i) => count + (value === b[i] ? 1 : 0), 0);
}
