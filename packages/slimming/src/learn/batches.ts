/** Images for training steps: in a seeded order, augmented, with labels if needed. */

import {
  augmentBatch,
  skippedText,
  type AugmentOptions,
  type ImageBatch,
  type ImageSet,
} from '@patchslim/datasets';
import {
  createRandom,
  PatchslimError,
  shuffled,
  type HostTensor,
  type LongCallOptions,
  type Specs,
  range,
} from '@patchslim/tensor';
import type { HeadConfig, VitConfig } from '@patchslim/vit-models';
import { headOf } from '../head/head.js';

export type TrainingBatch = Readonly<Record<string, HostTensor>>;

export interface EpochOptions extends LongCallOptions {
  readonly epoch: number;
  readonly seed: number;
  readonly batchSize: number;
  /** Whole batches per epoch. Each epoch leaves out different remaining images. */
  readonly steps: number;
  readonly augment: AugmentOptions;
  /** Head that learns the labels; undefined where none are learned. */
  readonly learns: HeadConfig | undefined;
}

export function batchSpecs(config: VitConfig, batchSize: number, learns: HeadConfig | undefined): Specs {
  const { imageSize } = config;
  return {
    images: { shape: [batchSize, 3, imageSize, imageSize], dtype: 'float32' },
    ...(learns ? { labels: headOf(learns).labelSpec(batchSize) } : {}),
  };
}

/** The batches of one epoch. They depend only on the options. */
export async function* epochBatches(images: ImageSet, options: EpochOptions): AsyncGenerator<TrainingBatch> {
  const { epoch, seed, batchSize, steps, augment, learns, signal } = options;
  const random = createRandom(seed * 1_000_003 + epoch);
  const everyImage = range(images.count);
  const order = shuffled(everyImage, random).slice(0, steps * batchSize);
  for await (const batch of images.batches(batchSize, { order, signal })) {
    requireWhole(batch, batchSize, images);
    yield toInputs({ ...batch, images: augmentBatch(batch.images, random, augment) }, images.name, learns);
  }
}

/** All images of a set, in order and unchanged. The last batch can be smaller. */
export async function* plainBatches(
  images: ImageSet,
  { batchSize, learns, signal }: Pick<EpochOptions, 'batchSize' | 'learns' | 'signal'>,
): AsyncGenerator<TrainingBatch> {
  for await (const batch of images.batches(batchSize, { signal })) {
    yield toInputs(batch, images.name, learns);
  }
}

function toInputs(batch: ImageBatch, set: string, learns: HeadConfig | undefined): TrainingBatch {
  if (!learns) return { images: batch.images };
  const labels = headOf(learns).labelsOf(batch, set);
  if (labels) return { images: batch.images, labels };
  throw new PatchslimError(
    'DATA_INVALID',
    `training: images of '${set}' have no labels to learn, '${batch.ids[0]}' among them`,
  );
}

/**
 * Steps have a fixed number of images, and an epoch a fixed number of steps: a skipped file would make a batch too
 * short.
 */
function requireWhole(batch: ImageBatch, batchSize: number, images: ImageSet): void {
  if (batch.ids.length === batchSize) return;
  throw new PatchslimError(
    'DATA_INVALID',
    `training: expected ${batchSize} images of '${images.name}' in a batch, got ${batch.ids.length}: take unreadable files out of the set${skippedText(images)}`,
    { skipped: [...(images.skipped?.keys() ?? [])] },
  );
}
