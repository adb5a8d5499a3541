/** Images as the pipeline sees them: a name, a count, and batches as often as they are asked for. */

import { PatchslimError, sizeOf, type HostTensor, type LongCallOptions } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';
import { imageBatches, type ImageBatch, type ImageBatchOptions, type LabelSets } from './batches.js';
import { hashOf, keyOf, keyOfExamples, preprocessingKey } from './content-key.js';
import type { ImageExample } from './image-layout.js';
import { checkOrder, isRun, memoryBatches, type BatchesOptions } from './order.js';

/** Unreadable files that an error names. */
const namedFiles = 3;

/** Images that can be gone through any number of times, batch by batch. */
export interface ImageSet {
  /** Goes into the provenance of a plan. */
  readonly name: string;
  /** Files included that turn out to be unreadable: see `skipped`. */
  readonly count: number;
  /** Files that a pass has left out so far since they cannot be decoded, by id, with the reason; absent where none can be. */
  readonly skipped?: ReadonlyMap<string, PatchslimError>;
  /**
   * Every image once, always in the same order; or the images of `order`.
   *
   * @throws `INVALID_ARGUMENT` for a batch size that is not a positive integer, or an index of `order` out of range
   */
  batches(batchSize: number, options?: BatchesOptions): AsyncIterable<ImageBatch>;
  /**
   * A hash that is the same for the same images, labels, order and preprocessing, and another when one of them changes,
   * whatever the set is called. Long searches keep it to tell whether they may go on. Of files it looks at names, sizes
   * and times. Without it `contentKeyOf` decodes every image.
   */
  contentKey?(options?: Pick<LongCallOptions, 'signal'>): Promise<string>;
  /** Whether the images are decoded and in memory. */
  readonly inMemory?: boolean;
  /** Some of the images as a set of their own: see `subset`, which does without it. */
  pick?(indices: readonly number[]): ImageSet;
}

/** Examples of an image folder, decoded as a model wants them, each time anew. */
export function imageSet(
  name: string,
  examples: readonly ImageExample[],
  preprocessing: Preprocessing,
  decoding: Pick<ImageBatchOptions, 'corrupt' | 'onSkip' | 'concurrency'> = {},
): ImageSet {
  const skipped = new Map<string, PatchslimError>();
  const onSkip = (example: ImageExample, error: PatchslimError): void => {
    skipped.set(example.id, error);
    decoding.onSkip?.(example, error);
  };
  return {
    name,
    count: examples.length,
    skipped,
    batches: (batchSize, { signal, order } = {}) => {
      if (order) checkOrder('imageSet', examples.length, order);
      const chosen = order?.map((index) => examples[index]!) ?? examples;
      return imageBatches(chosen, preprocessing, { ...decoding, onSkip, batchSize, signal });
    },
    contentKey: async ({ signal } = {}) => {
      const { corrupt = 'error' } = decoding;
      const files = await keyOfExamples(examples, { signal });
      return keyOf('files', [preprocessingKey(preprocessing), corrupt, files]);
    },
    pick(indices) {
      const chosen = indices.map((index) => examples[index]!);
      return imageSet(name, chosen, preprocessing, decoding);
    },
  };
}

/** How many images of a set can be used: all but those that passes over it have left out. */
export const usableCount = ({ count, skipped }: ImageSet): number => count - (skipped?.size ?? 0);

/** Why images are missing, for an error: the first files that were left out, with the reason. Empty where none was. */
export function skippedText({ skipped }: ImageSet): string {
  const entries = [...(skipped ?? [])];
  const named = entries.slice(0, namedFiles).map(([id, { message }]) => `'${id}': ${message}`);
  const more = entries.length > named.length ? [`and ${entries.length - named.length} more`] : [];
  return entries.length === 0 ? '' : `; left out: ${[...named, ...more].join('; ')}`;
}

/**
 * Images that are decoded already, in a browser tab for example; they stay in memory.
 *
 * @param images `[n, 3, S, S]`, as `decodeImage` gives each
 * @param labels `[n]` class indices, or the classes of each image
 * @param ids names of the images; `0`, `1`, … when left out
 * @throws `SHAPE_MISMATCH` when there is not one label per image
 */
export function tensorSet(
  name: string,
  images: HostTensor<'float32'>,
  labels?: Int32Array | LabelSets,
  ids: readonly string[] = Array.from({ length: images.shape[0]! }, (_, i) => String(i)),
): ImageSet {
  const [count, ...row] = images.shape as [number, ...number[]];
  if (labels && labels.length !== count) {
    throw new PatchslimError(
      'SHAPE_MISMATCH',
      `tensorSet: expected one label per image, got ${labels.length} labels for ${count} images`,
    );
  }
  return {
    name,
    count,
    inMemory: true,
    batches: (batchSize, options = {}) =>
      memoryBatches('tensorSet', count, batchSize, options, (indices) => ({
        images: {
          shape: [indices.length, ...row],
          dtype: 'float32',
          data: pickRows(images.data, sizeOf(row), indices),
        },
        ids: indices.map((index) => ids[index]!),
        ...labelsAt(labels, indices),
      })),
    contentKey: async () => {
      const labelKey = labels instanceof Int32Array ? await hashOf(labels) : (labels ?? null);
      return keyOf('tensors', [images.shape, await hashOf(images.data), labelKey, ids]);
    },
  };
}

function labelsAt(
  labels: Int32Array | LabelSets | undefined,
  indices: readonly number[],
): Pick<ImageBatch, 'labels' | 'labelSets'> {
  if (!labels) return {};
  if (labels instanceof Int32Array) return { labels: Int32Array.from(indices, (index) => labels[index]!) };
  return { labelSets: indices.map((index) => labels[index]!) };
}

/** Rows of `size` values; not copied where they lie together. */
function pickRows(data: Float32Array, size: number, indices: readonly number[]): Float32Array {
  const first = indices[0]!;
  if (isRun(indices)) return data.subarray(first * size, (first + indices.length) * size);
  const picked = new Float32Array(indices.length * size);
  indices.forEach((index, i) => picked.set(data.subarray(index * size, (index + 1) * size), i * size));
  return picked;
}
