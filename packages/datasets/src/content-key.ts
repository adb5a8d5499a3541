/** What tells image sets apart by their content, so that a run that was cut off goes on with the same images only. */

import type { LongCallOptions } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import { sha256, type Preprocessing } from '@patchslim/vit-models';
import { fileError } from './file-error.js';
import type { ImageExample } from './image-layout.js';
import { isRgbImage, type ImageSource } from './image-source.js';
import type { ImageSet } from './image-set.js';
import { orderedMap } from './ordered-map.js';

/** Hashed at a time, in bytes: hashing copies. */
const chunkBytes = 64 * 1024 * 1024;

/** Images at a time, where a set has no key of its own. */
const batchSize = 16;

/**
 * A hash of what an image set holds: its own `contentKey`, else one over all of its batches, which decodes every image.
 *
 * @throws `ABORTED`; what reading the images throws
 * @example
 * const key = await contentKeyOf(images);
 */
export async function contentKeyOf(
  images: ImageSet,
  options: Pick<LongCallOptions, 'signal'> = {},
): Promise<string> {
  if (images.contentKey) return images.contentKey(options);
  const parts: unknown[] = [];
  for await (const batch of images.batches(batchSize, options)) {
    parts.push([batch.ids, batch.images.shape, batch.labels ? [...batch.labels] : (batch.labelSets ?? null)]);
    parts.push(await hashOf(batch.images.data));
  }
  return keyOf('batches', parts);
}

/** The hash of a few values; numbers and texts are few, or hashes themselves. */
export const keyOf = (kind: string, parts: readonly unknown[]): Promise<string> =>
  sha256(new TextEncoder().encode(JSON.stringify([kind, ...parts])));

/** All that changes the pixels a model gets, in an order of its own. */
export const preprocessingKey = (preprocessing: Preprocessing): unknown[] => {
  const { height, width, resize, interpolation, crop, fill, rounding, rescale, mean, std, ...none } =
    preprocessing;
  none satisfies Record<string, never>; // a field that is new does not compile until it is named here
  const size = Object.entries(resize).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [height, width, size, interpolation, crop, fill, rounding, rescale, mean, std];
};

/** SHA-256 of an array in memory, piece by piece. */
export async function hashOf(data: ArrayBufferView): Promise<string> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const hashes: string[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    hashes.push(await sha256(bytes.subarray(at, at + chunkBytes)));
  }
  return hashes.length === 1 ? hashes[0]! : keyOf('pieces', hashes);
}

/** Of each example its name, its label, and what tells whether its file is the same. Files are not read. */
export async function keyOfExamples(
  examples: readonly ImageExample[],
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<unknown[]> {
  const where = 'contentKeyOf';
  const stamps = orderedMap(examples, ({ source }) => stampOf(where, source), {
    concurrency: 4,
    ahead: 64,
    where,
    signal,
  });
  const keys: unknown[] = [];
  for await (const stamp of stamps) {
    const { id, label, labels } = examples[keys.length]!;
    keys.push([id, label ?? labels ?? null, stamp]);
  }
  return keys;
}

/** Of a file its size and its time; of what is in memory a hash. @throws `NOT_FOUND`, `IO_FAILED` */
async function stampOf(where: string, source: ImageSource): Promise<unknown> {
  if (typeof source === 'string') {
    const { stat } = await nodeFs();
    const { size, mtimeMs } = await stat(source).catch((cause: unknown) => {
      throw fileError(where, source, cause);
    });
    return [size, mtimeMs];
  }
  if (isRgbImage(source)) return [source.width, source.height, await hashOf(source.data)];
  if (!(source instanceof Blob)) return hashOf(source);
  const { lastModified } = source as Blob & { lastModified?: number };
  if (lastModified !== undefined) return [source.size, lastModified];
  return hashOf(new Uint8Array(await source.arrayBuffer()));
}
