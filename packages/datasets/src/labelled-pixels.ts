/** Small images with labels, as bytes in memory: what MNIST and its kind are read into, and the set made of them. */

import { PatchslimError } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';
import type { ImageBatch } from './batches.js';
import { hashOf, keyOf, preprocessingKey } from './content-key.js';
import { checkPreprocessing } from './check-preprocessing.js';
import type { ImageSet } from './image-set.js';
import { normalizationTable } from './normalize.js';
import { checkOrder, memoryBatches } from './order.js';

/** n square images of one size, each of one class. */
export interface LabelledPixels {
  /** Goes into the provenance of a plan, by way of `pixelSet`. */
  readonly name: string;
  /** By class index. */
  readonly classNames: readonly string[];
  /** C: grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** S: the side of each image, in pixels. */
  readonly size: number;
  /** [n, C, S, S], rows from the top. */
  readonly pixels: Uint8Array;
  /** [n] class indices. */
  readonly labels: Uint8Array;
}

/**
 * The images as a model takes them, normalised batch by batch: `(byte · rescale - mean) / std`, grey ones in all of the three
 * channels. They are not resized: `resize` and `crop` of the preprocessing play no part. The ids are `0`, `1`, ….
 *
 * @param preprocessing its `height` and `width` are the side of the images
 * @throws `SHAPE_MISMATCH` for images of another side, or pixels that are not n images of this shape;
 * `DATA_INVALID` for a label that is none of the classes; `INVALID_ARGUMENT` for an impossible preprocessing
 * @example
 * const images = pixelSet(await openSmallSet('fashion-mnist', 'test', { folder }), model.preprocessing);
 */
export function pixelSet(set: LabelledPixels, preprocessing: Preprocessing): ImageSet {
  const { name, size } = set;
  checkPixels('pixelSet', set);
  checkPreprocessing(preprocessing);
  const { height, width } = preprocessing;
  if (size !== height || size !== width) {
    throw new PatchslimError(
      'SHAPE_MISMATCH',
      `pixelSet: the images of '${name}' are ${size} × ${size} pixels, but the model takes ` +
        `${height} × ${width}; make the model, or its preprocessing, for ${size} pixels`,
      { size, height, width },
    );
  }
  const count = set.labels.length;
  const tables = [0, 1, 2].map((channel) => normalizationTable(preprocessing, channel));
  return {
    name,
    count,
    batches: (batchSize, options = {}) =>
      memoryBatches('pixelSet', count, batchSize, options, (indices) => toBatch(set, tables, indices)),
    contentKey: async () => {
      const data = [await hashOf(set.pixels), await hashOf(set.labels)];
      return keyOf('pixels', [preprocessingKey(preprocessing), set.channels, size, count, ...data]);
    },
  };
}

function toBatch(
  { channels, size, pixels, labels }: LabelledPixels,
  tables: readonly Float32Array[],
  indices: readonly number[],
): ImageBatch {
  const plane = size * size;
  const data = new Float32Array(indices.length * 3 * plane);
  let at = 0;
  for (const index of indices) {
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      const from = (index * channels + (channels === 3 ? channel : 0)) * plane;
      for (let i = 0; i < plane; i++) data[at++] = table[pixels[from + i]!]!;
    }
  }
  return {
    images: { shape: [indices.length, 3, size, size], dtype: 'float32', data },
    labels: Int32Array.from(indices, (index) => labels[index]!),
    ids: indices.map(String),
  };
}

/**
 * Some of the images, in the order of `indices`; in the set that is made of them their ids begin with `0` again.
 *
 * @param name of the result @default that of `set`
 * @throws `INVALID_ARGUMENT` for an index out of range; `SHAPE_MISMATCH`, `DATA_INVALID` as `pixelSet`
 */
export function takePixels(
  set: LabelledPixels,
  indices: readonly number[],
  name: string = set.name,
): LabelledPixels {
  checkPixels('takePixels', set);
  checkOrder('takePixels', set.labels.length, indices);
  const image = set.channels * set.size * set.size;
  const pixels = new Uint8Array(indices.length * image);
  indices.forEach((index, i) => {
    pixels.set(set.pixels.subarray(index * image, (index + 1) * image), i * image);
  });
  return { ...set, name, pixels, labels: Uint8Array.from(indices, (index) => set.labels[index]!) };
}

/** @throws `SHAPE_MISMATCH`, `DATA_INVALID` */
function checkPixels(
  where: string,
  { name, classNames, channels, size, pixels, labels }: LabelledPixels,
): void {
  const expected = labels.length * channels * size * size;
  if (pixels.length !== expected) {
    throw new PatchslimError(
      'SHAPE_MISMATCH',
      `${where}: expected ${expected} bytes for ${labels.length} labels and images of ${channels} × ${size} × ${size} ` +
        `in '${name}', got ${pixels.length}`,
      { name, labels: labels.length, channels, size, pixels: pixels.length },
    );
  }
  const wrong = labels.findIndex((label) => label >= classNames.length);
  if (wrong < 0) return;
  throw new PatchslimError(
    'DATA_INVALID',
    `${where}: image ${wrong} of '${name}' has class ${labels[wrong]}, expected 0 to ${classNames.length - 1}`,
    { name, image: wrong, label: labels[wrong] },
  );
}
