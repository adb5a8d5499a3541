/** One image as the model sees it: shorter side to `resize`, centre crop, normalised. */

import type { Preprocessing } from '@patchslim/vit-models';
import { PatchslimError } from '@patchslim/tensor';
import { checkPreprocessing, cropGeometry } from './geometry.js';
import type { ImageSource } from './image-source.js';
import { normalizationTable } from './normalize.js';
import { decodePixels, loadSharp } from './pixels.js';
import { resizeCrop } from './resize.js';

export type { ImageSource };

/**
 * Decodes an image into the input of a model, equal to Pillow and torchvision (`Resize`, `CenterCrop`, `ToTensor`,
 * `Normalize`).
 *
 * @param source a path, or the bytes of a JPEG, PNG or WebP
 * @returns [3, S, S] with S = `crop`: channels red, green, blue; rows from the top; `(value / 255 - mean) / std`
 * @throws `DATA_INVALID` naming the file: corrupt, truncated, no image, above 100 million pixels; `NOT_FOUND`;
 * `IO_FAILED`; `INVALID_ARGUMENT` for an impossible preprocessing; `BACKEND_UNAVAILABLE` when sharp is missing
 * @example
 * const image = await decodeImage('cat.jpg', model.preprocessing);
 */
export async function decodeImage(source: ImageSource, preprocessing: Preprocessing): Promise<Float32Array> {
  return normalize(await decodeCrop(source, preprocessing), preprocessing);
}

/**
 * The part of an image that the model sees, as a JPEG of `size` × `size` pixels: the pictures of a report.
 *
 * @throws as `decodeImage`
 */
export async function decodeThumbnail(
  source: ImageSource,
  preprocessing: Preprocessing,
  size: number,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `decodeThumbnail: size must be a positive integer, got ${size}`,
      { size },
    );
  }
  const side = preprocessing.crop;
  const crop = await decodeCrop(source, preprocessing);
  const sharp = await loadSharp();
  return sharp(crop, { raw: { width: side, height: side, channels: 3 } })
    .resize(size, size)
    .jpeg()
    .toBuffer();
}

/** The crop before normalisation: [S, S, 3] bytes. */
async function decodeCrop(source: ImageSource, preprocessing: Preprocessing): Promise<Uint8ClampedArray> {
  checkPreprocessing(preprocessing);
  const image = await decodePixels(source);
  return resizeCrop(image, {
    ...cropGeometry(image.width, image.height, preprocessing),
    side: preprocessing.crop,
  });
}

/** [S, S, 3] bytes to [3, S, S] normalised, through a table of the 256 values that a channel can take. */
function normalize(pixels: Uint8ClampedArray, { mean, std }: Preprocessing): Float32Array {
  const plane = pixels.length / 3;
  const out = new Float32Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    const table = normalizationTable(mean[channel]!, std[channel]!);
    const first = channel * plane;
    for (let i = 0; i < plane; i++) out[first + i] = table[pixels[i * 3 + channel]!]!;
  }
  return out;
}
