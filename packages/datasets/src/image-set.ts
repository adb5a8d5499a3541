/** Images as the pipeline sees them: a name, a count, and batches as often as they are asked for. */

import { PatchslimError, sizeOf, type HostTensor, type LongCallOptions } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';
import { imageBatches, type ImageBatch, type ImageBatchOptions } from './batches.js';
import type { ImageExample } from './image-folder.js';

export interface ImageSet {
  /** Goes into the provenance of a plan. */
  readonly name: string;
  readonly count: number;
  /** Every image once, always in the same order. */
  batches(batchSize: number, options?: LongCallOptions): AsyncIterable<ImageBatch>;
}

/** Examples of an image folder, decoded as a model wants them, each time anew. */
export function imageSet(
  name: string,
  examples: readonly ImageExample[],
  preprocessing: Preprocessing,
  decoding: Pick<ImageBatchOptions, 'corrupt' | 'onSkip' | 'concurrency'> = {},
): ImageSet {
  return {
    name,
    count: examples.length,
    batches: (batchSize, { signal } = {}) =>
      imageBatches(examples, preprocessing, { ...decoding, batchSize, signal }),
  };
}

/**
 * Images that are decoded already, in a browser tab for example; they stay in memory. Their ids are `0`, `1`, ….
 *
 * @param images `[n, 3, S, S]`, as `decodeImage` gives each
 * @param labels `[n]` class indices
 * @throws `SHAPE_MISMATCH` when there is not one label per image
 */
export function tensorSet(name: string, images: HostTensor<'float32'>, labels?: Int32Array): ImageSet {
  const [count, ...row] = images.shape as [number, ...number[]];
  const rowSize = sizeOf(row);
  if (labels && labels.length !== count) {
    throw new PatchslimError(
      'SHAPE_MISMATCH',
      `tensorSet: expected one label per image, got ${labels.length} labels for ${count} images`,
    );
  }
  return {
    name,
    count,
    // eslint-disable-next-line @typescript-eslint/require-await -- nothing to wait for, but sets are read as streams
    async *batches(batchSize) {
      for (let first = 0; first < count; first += batchSize) {
        const end = Math.min(first + batchSize, count);
        yield {
          images: {
            shape: [end - first, ...row],
            dtype: 'float32',
            data: images.data.subarray(first * rowSize, end * rowSize),
          },
          ids: Array.from({ length: end - first }, (_, i) => String(first + i)),
          ...(labels && { labels: labels.subarray(first, end) }),
        };
      }
    },
  };
}
