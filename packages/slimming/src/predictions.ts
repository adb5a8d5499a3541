/** What a model said of images: collected batch by batch, and joined over sets. */

import type { ImageBatch, ImageSet } from '@patchslim/datasets';
import type { HostTensor } from '@patchslim/tensor';
import { headActivation, type HeadConfig } from '@patchslim/vit-models';
import type { ClassScores } from './head/class-figures.js';
import type { Embeddings } from './head/embedding-figures.js';
import { requireLabel } from './head/require-label.js';
import { targetsOf } from './head/targets.js';
import { requireFinite } from './require-finite.js';

/** Predictions of a model on images. */
export interface Predictions {
  /** Names of the images, in order, without skipped images. */
  readonly ids: readonly string[];
  /** Class with the largest logit for each image. Ties: the lowest class. Empty of an encoder. */
  readonly classes: Int32Array;
  /** Labels of the images, if all have one. */
  readonly labels?: Int32Array;
  /** Outputs `[images, classes]`, if requested. */
  readonly logits?: Float32Array;
  /** For each image 1 if its label is among the five largest logits, else 0; empty without labels. */
  readonly inTop5: Uint8Array;
  /** Instead of `labels` and `inTop5` where images may have several classes: a head with a sigmoid (`headActivation`). */
  readonly perClass?: ClassScores;
  /** Of an encoder, instead of classes. */
  readonly embeddings?: Embeddings;
  /** Time that the model waited for decoded images, ms: the part of decoding that did not run in parallel. */
  readonly decodeMs: number;
  /** Time in the model, ms. */
  readonly inferMs: number;
  /** Time from the first file to the last logit, without compilation and other networks, ms. */
  readonly totalMs: number;
}

/** Collects the outputs of one network batch by batch. */
export function collectPredictions(
  images: Pick<ImageSet, 'name' | 'count'>,
  config: HeadConfig,
  keepLogits: boolean,
) {
  const { classes: count } = config;
  const activation = headActivation(config);
  const isMultiLabel = activation === 'sigmoid';
  const ids: string[] = [];
  const classes: number[] = [];
  const labels: number[] = [];
  const inTop5: number[] = [];
  const targets: Uint8Array[] = [];
  const kept = keepLogits || activation !== 'softmax' ? new Float32Array(images.count * count) : undefined;
  let inferMs = 0;
  const addLabel = (row: HostTensor['data'], label: number, id: string): void => {
    requireLabel(label, config, id, images.name);
    labels.push(label);
    inTop5.push(rankOf(row, label) < 5 ? 1 : 0);
  };
  return {
    /** @throws DATA_INVALID for a label without a class in the model; NUMERICAL */
    add(batch: LabelledIds, logits: HostTensor['data'], ms: number): void {
      inferMs += ms;
      kept?.set(logits, ids.length * count);
      ids.push(...batch.ids);
      for (const [image, id] of batch.ids.entries()) {
        const row = logits.subarray(image * count, (image + 1) * count);
        requireFinite(row, `predict(): logits of '${id}'`);
        const label = batch.labels?.[image];
        if (activation === 'none') {
          if (label !== undefined) labels.push(label);
          continue;
        }
        classes.push(argMax(row));
        if (label !== undefined && !isMultiLabel) addLabel(row, label, id);
      }
      const found = isMultiLabel ? targetsOf(batch, config, images.name) : undefined;
      if (found) targets.push(found);
    },
    result(decodeMs: number): Predictions {
      const logits = kept?.subarray(0, ids.length * count);
      const everyLabel = labels.length === ids.length ? Int32Array.from(labels) : undefined;
      const labelled = activation === 'softmax' && everyLabel;
      const times = { decodeMs, inferMs, totalMs: decodeMs + inferMs };
      return {
        ids,
        classes: Int32Array.from(classes),
        ...(labelled ? { labels: labelled } : {}),
        ...(logits && keepLogits ? { logits } : {}),
        inTop5: Uint8Array.from(labelled ? inTop5 : []),
        ...(isMultiLabel ? { perClass: classScores(count, logits!, joinedBytes(targets)) } : {}),
        ...(activation === 'none' ? { embeddings: embeddingsOf(count, logits!, everyLabel) } : {}),
        ...times,
      };
    },
  };
}

/** The part of a batch that says which images they are. */
type LabelledIds = Pick<ImageBatch, 'ids' | 'labels' | 'labelSets'>;

const embeddingsOf = (width: number, values: Float32Array, labels: Int32Array | undefined): Embeddings => ({
  ...{ width, values },
  ...(labels ? { labels } : {}),
});

/** The targets count if they are those of all images. */
const classScores = (classes: number, logits: Float32Array, targets: Uint8Array): ClassScores => ({
  classes,
  logits,
  ...(targets.length === logits.length ? { targets } : {}),
});

/** Joins predictions on several sets. The result has labels and logits if all sets have them. */
export function pooledPredictions(parts: readonly Predictions[]): Predictions {
  const total = (of: 'decodeMs' | 'inferMs' | 'totalMs') => parts.reduce((sum, part) => sum + part[of], 0);
  const labels = parts.flatMap((part) => (part.labels ? [part.labels] : []));
  const logits = parts.flatMap((part) => (part.logits ? [part.logits] : []));
  const perClass = parts.flatMap((part) => (part.perClass ? [part.perClass] : []));
  const embeddings = parts.flatMap((part) => (part.embeddings ? [part.embeddings] : []));
  return {
    ids: parts.flatMap((part) => part.ids),
    classes: Int32Array.from(parts.flatMap((part) => [...part.classes])),
    ...(labels.length === parts.length
      ? { labels: Int32Array.from(labels.flatMap((part) => [...part])) }
      : {}),
    ...(logits.length === parts.length ? { logits: joinedFloats(logits) } : {}),
    inTop5: Uint8Array.from(labels.length === parts.length ? parts.flatMap((part) => [...part.inTop5]) : []),
    ...(perClass.length > 0 && perClass.length === parts.length
      ? {
          perClass: classScores(
            perClass[0]!.classes,
            joinedFloats(perClass.map((part) => part.logits)),
            joinedBytes(perClass.flatMap((part) => part.targets ?? [])),
          ),
        }
      : {}),
    ...(embeddings.length > 0 && embeddings.length === parts.length
      ? {
          embeddings: {
            width: embeddings[0]!.width,
            values: joinedFloats(embeddings.map(({ values }) => values)),
          },
        }
      : {}),
    decodeMs: total('decodeMs'),
    inferMs: total('inferMs'),
    totalMs: total('totalMs'),
  };
}

const joinedFloats = (parts: readonly Float32Array[]): Float32Array =>
  joined(parts, (length) => new Float32Array(length));
const joinedBytes = (parts: readonly Uint8Array[]): Uint8Array =>
  joined(parts, (length) => new Uint8Array(length));

function joined<T extends Float32Array | Uint8Array>(parts: readonly T[], create: (length: number) => T): T {
  const whole = create(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
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
