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
  /**
   * Every image once, always in the same order.
   * @throws DATA_INVALID when there is none, since no mean and no share could be had from it
   */
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
      atLeastOne(name, imageBatches(examples, preprocessing, { ...decoding, batchSize, signal })),
  };
}

async function* atLeastOne(name: string, batches: AsyncIterable<ImageBatch>): AsyncGenerator<ImageBatch> {
  let any = false;
  for await (const batch of batches) {
    any = true;
    yield batch;
  }
  if (!any)
    throw new PatchslimError('DATA_INVALID', `imageSet(): '${name}' has no image that can be used`, { name });
}
