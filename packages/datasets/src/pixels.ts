/** Encoded image files to 8-bit RGB, with sharp: the same pixels as Pillow's `Image.open(…).convert('RGB')`. */

import { PatchslimError } from '@patchslim/tensor';
import type sharp from 'sharp';
import type { ImageSource } from './image-source.js';
import { readFileUpTo } from './read-file.js';
import type { RgbImage } from './resize.js';

/** Largest image that is decoded, in pixels: 300 MB as RGB. Above it a file is an error, not an exhausted machine. */
const maxPixels = 100_000_000;

/** Largest file that is read: no image of that many pixels takes more. */
const maxBytes = 400_000_000;

const where = 'decodeImage';

/** A variable, so that bundlers for browsers do not ask for the package. */
const packageName = 'sharp' as string;

/**
 * sharp, loaded on first use because it is an optional peer.
 *
 * @throws `BACKEND_UNAVAILABLE` when it is not installed, or its native part does not load
 */
export async function loadSharp(): Promise<typeof sharp> {
  try {
    return ((await import(/* @vite-ignore */ packageName)) as { default: typeof sharp }).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `decoding images needs sharp: npm install sharp (${reason})`;
    throw new PatchslimError('BACKEND_UNAVAILABLE', message, { package: 'sharp' }, cause);
  }
}

/**
 * Decodes an image to RGB as its pixels are stored: the EXIF orientation and colour profiles are not applied, and
 * transparency is dropped, not blended. That is what timm, torchvision and DeiT do, so what models were trained with.
 *
 * @throws `DATA_INVALID` naming the file: corrupt, truncated, no image, or too many pixels; `NOT_FOUND`; `IO_FAILED`
 */
export async function decodePixels(source: ImageSource): Promise<RgbImage> {
  const sharp = await loadSharp();
  // Reading here keeps file errors apart from bad images, and sharp's cache of files by name out of the way.
  const bytes = typeof source === 'string' ? await readFileUpTo(where, source, maxBytes) : source;
  try {
    // 'error', not sharp's stricter default: Pillow, too, reads files that merely draw a warning.
    const { data, info } = await sharp(bytes, {
      failOn: 'error',
      limitInputPixels: maxPixels,
      ignoreIcc: true,
    })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    const name = typeof source === 'string' ? `'${source}'` : `${source.length} bytes`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const details = typeof source === 'string' ? { path: source } : { bytes: source.length };
    throw new PatchslimError('DATA_INVALID', `${where}: cannot decode ${name}: ${reason}`, details, cause);
  }
}
