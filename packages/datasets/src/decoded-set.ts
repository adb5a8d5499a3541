/** Images decoded once, for whoever goes through them many times. */

import { sizeOf, type LongCallOptions } from '@patchslim/tensor';
import type { LabelSets } from './batches.js';
import { tensorSet, type ImageSet } from './image-set.js';

/** Options of `decodedSet`. */
export interface DecodedSetOptions extends LongCallOptions {
  /** Memory that the images may take, bytes. @default 1e9 */
  readonly mostBytes?: number | undefined;
}

/** Images at a time. */
const batchSize = 16;

/**
 * The same images, decoded and in memory; without those that decoding leaves out. A set that takes more than `mostBytes`
 * comes back as it is, and so does one that is in memory.
 * @throws what decoding throws; ABORTED
 * @example
 * const decoded = await decodedSet(images);
 */
export async function decodedSet(images: ImageSet, options: DecodedSetOptions = {}): Promise<ImageSet> {
  const { mostBytes = 1e9, signal, onProgress } = options;
  if (images.inMemory) return images;
  const ids: string[] = [];
  const labels: number[] = [];
  const labelSets: (readonly number[])[] = [];
  let data: Float32Array | undefined;
  let row: readonly number[] = [];
  for await (const batch of images.batches(batchSize, { signal })) {
    row = batch.images.shape.slice(1);
    const size = sizeOf(row);
    if (4 * size * images.count > mostBytes) return images;
    data ??= new Float32Array(size * images.count);
    data.set(batch.images.data, ids.length * size);
    ids.push(...batch.ids);
    labels.push(...(batch.labels ?? []));
    labelSets.push(...(batch.labelSets ?? []));
    onProgress?.({ stage: 'decode', done: ids.length, total: images.count, unit: 'images' });
  }
  if (!data) return images;
  return tensorSet(
    images.name,
    { shape: [ids.length, ...row], dtype: 'float32', data: data.subarray(0, ids.length * sizeOf(row)) },
    labelsOf(ids.length, labels, labelSets),
    ids,
  );
}

/** Of one kind, and only where all images have them. */
function labelsOf(
  count: number,
  labels: readonly number[],
  sets: LabelSets,
): Int32Array | LabelSets | undefined {
  if (labels.length === count) return Int32Array.from(labels);
  return sets.length === count ? sets : undefined;
}
