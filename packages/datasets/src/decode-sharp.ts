/** Decoding in Node, with sharp. */

import { PatchslimError } from '@patchslim/tensor';
import type sharp from 'sharp';
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
    return ((await import(/* @vite-ignore */ packageName)) as { default: typeof sharp }).default;
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
  };
}
