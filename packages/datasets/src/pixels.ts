/** Encoded images to 8-bit RGB: the same pixels as Pillow's `Image.open(…).convert('RGB')`. */

import { PatchslimError } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import { canvasDecoder } from './decode-canvas.js';
import { sharpDecoder } from './decode-sharp.js';
import { describeFile } from './file-kind.js';
import { describeSource, isRgbImage, type ImageSource, type RgbImage } from './image-source.js';
import { readBlobUpTo, readFileUpTo } from './read-file.js';

/** Largest image that is decoded, in pixels: 300 MB as RGB. Above it a file is an error, not an exhausted machine. */
const maxPixels = 100_000_000;

/** Largest file that is read: no image of that many pixels takes more. */
const maxBytes = 400_000_000;

const where = 'decodeImage';

/**
 * Decodes an image to RGB as its pixels are stored: the EXIF orientation and colour profiles are not applied, and
 * transparency is dropped, not blended. That is what timm, torchvision and DeiT do, so what models were trained with.
 * Pixels are given back as they are.
 *
 * @throws `DATA_INVALID` naming the file: corrupt, truncated, no image, or too many pixels; `NOT_FOUND`; `IO_FAILED`;
 * `SHAPE_MISMATCH` for pixels that are not `width` × `height`; `BACKEND_UNAVAILABLE` where nothing can decode
 */
export async function decodePixels(source: ImageSource): Promise<RgbImage> {
  if (isRgbImage(source)) return checkedPixels(source);
  const decode = isNode() ? await sharpDecoder() : canvasDecoder();
  // Reading here keeps file errors apart from bad images, and sharp's cache of files by name out of the way.
  const bytes = await readSource(source);
  try {
    return await decode(bytes, maxPixels);
  } catch (cause) {
    const { name, details } = describeSource(source);
    const reason = describeFile(bytes) ?? reasonOf(cause);
    throw new PatchslimError('DATA_INVALID', `${where}: cannot decode ${name}: ${reason}`, details, cause);
  }
}

/** In one line: libraries put several warnings into one message. */
const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\s*\n\s*/g, '; ');

function readSource(source: string | Uint8Array | Blob): Promise<Uint8Array> {
  if (typeof source === 'string') return readFileUpTo(where, source, maxBytes);
  return source instanceof Blob ? readBlobUpTo(where, source, maxBytes) : Promise.resolve(source);
}

function checkedPixels(image: RgbImage): RgbImage {
  const { data, width, height } = image;
  const sides = [width, height];
  if (sides.every((side) => Number.isSafeInteger(side) && side > 0) && data.length === width * height * 3) {
    return image;
  }
  const message = `${where}: expected ${width} × ${height} × 3 bytes, got ${data.length}`;
  throw new PatchslimError('SHAPE_MISMATCH', message, { width, height, bytes: data.length });
}
