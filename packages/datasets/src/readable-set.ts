/** The images of a set that can be decoded: who divides images needs to know beforehand which there are. */

import { PatchslimError, range, type LongCallOptions } from '@patchslim/tensor';
import { decodedSet, type DecodedSetOptions } from './decoded-set.js';
import { skippedText, type ImageSet } from './image-set.js';
import { subset } from './subset.js';

/** Images at a time. */
const batchSize = 16;

/**
 * The same images without those that decoding leaves out: decoded and in memory, or as they were where they take more than
 * `mostBytes`. Decodes every image once, but where they take more and none may be left out.
 *
 * @throws `DATA_INVALID` when no image is left; what decoding throws; `ABORTED`
 * @example
 * const images = await readableSet(folderSet(folder, model, { corrupt: 'skip' }));
 */
export async function readableSet(images: ImageSet, options: DecodedSetOptions = {}): Promise<ImageSet> {
  const decoded = await decodedSet(images, options);
  const readable = decoded === images && images.skipped ? await withoutSkipped(images, options) : decoded;
  if (readable.count > 0) return readable;
  throw new PatchslimError(
    'DATA_INVALID',
    `expected images that can be decoded in '${images.name}', got none of ${images.count}${skippedText(images)}`,
  );
}

async function withoutSkipped(images: ImageSet, { signal }: LongCallOptions): Promise<ImageSet> {
  const decodes = async (indices: readonly number[]): Promise<boolean> => {
    let found = 0;
    for await (const { ids } of images.batches(batchSize, { signal, order: indices })) found += ids.length;
    return found === indices.length;
  };
  const readable: number[] = [];
  for (let first = 0; first < images.count; first += batchSize) {
    const indices = range(Math.min(batchSize, images.count - first)).map((i) => first + i);
    if (await decodes(indices)) readable.push(...indices);
    else for (const index of indices) if (await decodes([index])) readable.push(index);
  }
  return readable.length === images.count ? images : subset(images, readable);
}
