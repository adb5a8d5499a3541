/** Images as the pipeline sees them: a name, a count, and batches as often as they are asked for. */

import {
  imageBatches,
  type ImageBatch,
  type ImageBatchOptions,
  type ImageExample,
} from '@patchslim/datasets';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';

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

/** Throws `DATA_INVALID` when a pass over the images met none: of nothing there is no mean and no share. */
export function requireImages(count: number, where: string): void {
  if (count === 0)
    throw new PatchslimError('DATA_INVALID', `${where}: expected at least one image, got none`);
}
