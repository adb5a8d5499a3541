/** Decoding in Node, with sharp. */

import { PatchslimError } from '@patchslim/tensor';
import type sharp from 'sharp';
import { decodeBmp, isBmp } from './bmp.js';
import { cmykToRgb } from './cmyk.js';
import type { Decoder } from './image-source.js';

/** A variable, so that bundlers for browsers do not ask for the package. */
const packageName = 'sharp' as string;

/**
 * sharp, loaded on first use because it is an optional peer.
 *
 * @throws `BACKEND_UNAVAILABLE` when it is not installed, or its native part does not load
 */
export async function loadSharp(): Promise<typeof sharp> {
  try {
    return (
      (await import(/* webpackIgnore: true */ /* @vite-ignore */ packageName)) as { default: typeof sharp }
    ).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `decoding images needs sharp: npm install sharp (${reason})`;
    throw new PatchslimError('BACKEND_UNAVAILABLE', message, { package: 'sharp' }, cause);
  }
}

/** @throws `BACKEND_UNAVAILABLE` as `loadSharp` */
export async function sharpDecoder(): Promise<Decoder> {
  const sharp = await loadSharp();
  return async (bytes, maxPixels) => {
    if (isBmp(bytes)) return decodeBmp(bytes, maxPixels);
    // 'error', not sharp's stricter default: Pillow, too, reads files that merely draw a warning.
    const stored = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: true });
    const { format, space } = await stored.metadata();
    // Pillow turns TIFF by its orientation as it reads it, and nothing else.
    const image = format === 'tiff' ? stored.autoOrient() : stored;
    if (space === 'cmyk') {
      const { data, info } = await image
        .pipelineColourspace('cmyk')
        .toColourspace('cmyk')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      // sharp gives four inks, and one more value where the file has an alpha channel.
      return { data: cmykToRgb(takeInks(data, info.channels)), width: info.width, height: info.height };
    }
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
}

function takeInks(data: Uint8Array, channels: number): Uint8Array {
  return channels === 4 ? data : data.filter((_, i) => i % channels < 4);
}
