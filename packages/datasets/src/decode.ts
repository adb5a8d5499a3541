/** One image as the model sees it: resized, cropped, normalised. */

import { fullPreprocessing, type Preprocessing, type ShortPreprocessing } from '@patchslim/vit-models';
import { PatchslimError } from '@patchslim/tensor';
import { loadSharp } from './decode-sharp.js';
import { checkPreprocessing } from './check-preprocessing.js';
import { cropGeometry, type CropGeometry } from './geometry.js';
import { describeSource, type ImageSource, type RgbImage } from './image-source.js';
import { normalizationTable } from './normalize.js';
import { decodePixels } from './pixels.js';
import { resizeCrop } from './resize.js';

/**
 * Decodes an image into the input of a model, equal to the transforms of timm and the image processors of transformers, which
 * both use Pillow.
 *
 * Node decodes with sharp, a browser by itself: equal pixels for PNG and lossless WebP, nearly equal ones for JPEG.
 *
 * @param source a JPEG, PNG or WebP, or pixels
 * @returns [3, height, width] of the preprocessing: channels red, green, blue; rows from the top; `(value · rescale - mean) / std`
 * @throws `DATA_INVALID` naming the file: corrupt, truncated, no image, above 100 million pixels, or, where there is no crop, of
 * another size than the model takes; `NOT_FOUND`;
 * `IO_FAILED`; `INVALID_ARGUMENT` for an impossible preprocessing; `SHAPE_MISMATCH` for pixels that are not `width` ×
 * `height`; `BACKEND_UNAVAILABLE` when sharp is missing, or what a browser needs
 * @example
 * const image = await decodeImage('cat.jpg', model.preprocessing);
 */
export async function decodeImage(
  source: ImageSource,
  preprocessing: Preprocessing | ShortPreprocessing,
): Promise<Float32Array> {
  return normalizeCrop(await decodeCrop(source, preprocessing), fullPreprocessing(preprocessing));
}

/**
 * The part of an image that the model sees, as a JPEG of `size` × `size` pixels: the pictures of a report
 * (Node only).
 *
 * @throws as `decodeImage`
 */
export async function decodeThumbnail(
  source: ImageSource,
  preprocessing: Preprocessing | ShortPreprocessing,
  size: number,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `decodeThumbnail: size must be a positive integer, got ${size}`,
      { size },
    );
  }
  const { data, width, height } = await decodeCrop(source, preprocessing);
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size, size)
    .jpeg()
    .toBuffer();
}

/**
 * The part of an image that the model sees, before normalisation: `height` × `width` pixels.
 *
 * @throws as `decodeImage`
 */
export async function decodeCrop(
  source: ImageSource,
  given: Preprocessing | ShortPreprocessing,
): Promise<RgbImage> {
  const preprocessing = fullPreprocessing(given);
  checkPreprocessing(preprocessing);
  const image = await decodePixels(source);
  const { width, height, interpolation, fill } = preprocessing;
  const geometry = cropGeometry(image.width, image.height, preprocessing);
  if (!preprocessing.crop) requireSize(source, geometry, preprocessing);
  const data = resizeCrop(image, {
    ...geometry,
    ...{ outWidth: width, outHeight: height, interpolation, fill },
  });
  return { data, width, height };
}

/** @throws `DATA_INVALID` */
function requireSize(source: ImageSource, resized: CropGeometry, { width, height }: Preprocessing): void {
  if (resized.width === width && resized.height === height) return;
  const { name, details } = describeSource(source);
  throw new PatchslimError(
    'DATA_INVALID',
    `decodeImage: ${name} comes to ${resized.height} × ${resized.width} pixels, but the model takes ${height} × ${width}, and its ` +
      `preprocessing has no crop`,
    { ...details, width: resized.width, height: resized.height },
  );
}

/**
 * What `decodeCrop` gives as the input of a model: the second half of `decodeImage`, for who shows the crop too.
 *
 * @returns [3, height, width], through a table of the 256 values that a channel can take
 */
export function normalizeCrop({ data: pixels }: RgbImage, preprocessing: Preprocessing): Float32Array {
  const plane = pixels.length / 3;
  const out = new Float32Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    const table = normalizationTable(preprocessing, channel);
    const first = channel * plane;
    for (let i = 0; i < plane; i++) out[first + i] = table[pixels[i * 3 + channel]!]!;
  }
  return out;
}
