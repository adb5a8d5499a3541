/** Decoding in a browser, on a page or in a worker: the browser's own decoder, read back through a canvas. */

import { PatchslimError } from '@patchslim/tensor';
import { withoutExif } from './exif.js';
import type { Decoder, RgbImage } from './image-source.js';
import { requireEnd } from './whole-image.js';

/** What is used of browsers; the package is compiled without their types. */
interface Browser {
  createImageBitmap(image: Blob, options: Record<string, string>): Promise<Bitmap>;
  readonly OffscreenCanvas: new (width: number, height: number) => Canvas;
}

interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

interface Canvas {
  getContext(kind: '2d', options: { readonly willReadFrequently: boolean }): Context | null;
}

interface Context {
  drawImage(image: Bitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

/** Pixels that are read back at a time: canvases of phones hold few, and four bytes for each come beside the result. */
const pixelsAtOnce = 4_000_000;

/**
 * Pixels as they are stored: not turned, not converted, and not multiplied by their alpha. Chromium takes 'none' for
 * 'from-image', so EXIF is removed beside it.
 */
const asStored = { imageOrientation: 'none', colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** @throws `BACKEND_UNAVAILABLE` in browsers without `OffscreenCanvas` */
export function canvasDecoder(): Decoder {
  const browser = globalThis as unknown as Partial<Browser>;
  const { createImageBitmap, OffscreenCanvas } = browser;
  if (!createImageBitmap || !OffscreenCanvas) {
    const message = 'decoding images needs createImageBitmap and OffscreenCanvas, which this browser lacks';
    throw new PatchslimError('BACKEND_UNAVAILABLE', message);
  }
  return async (bytes, maxPixels) => {
    requireEnd(bytes);
    const blob = new Blob([new Uint8Array(withoutExif(bytes))]); // a copy: it takes no memory that threads share
    const bitmap = await createImageBitmap(blob, asStored);
    try {
      if (bitmap.width * bitmap.height > maxPixels) {
        throw new Error(`${bitmap.width} × ${bitmap.height} exceeds the pixel limit of ${maxPixels}`);
      }
      return readBack(bitmap, OffscreenCanvas);
    } finally {
      bitmap.close();
    }
  };
}

/** The pixels, a band of rows at a time. Of those with transparency a canvas keeps less than their colour. */
function readBack(bitmap: Bitmap, OffscreenCanvas: Browser['OffscreenCanvas']): RgbImage {
  const { width, height } = bitmap;
  const rows = Math.min(height, Math.max(1, Math.floor(pixelsAtOnce / width)));
  const data = new Uint8Array(width * height * 3);
  for (let top = 0, at = 0; top < height; top += rows) {
    const band = Math.min(rows, height - top);
    // In memory, not on the GPU, which would round colours in its own way. A new canvas: nothing shines through.
    const context = new OffscreenCanvas(width, band).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('the browser gives no 2D canvas');
    context.drawImage(bitmap, 0, -top);
    const rgba = context.getImageData(0, 0, width, band).data;
    for (let i = 0; i < rgba.length; i += 4) {
      data[at++] = rgba[i]!;
      data[at++] = rgba[i + 1]!;
      data[at++] = rgba[i + 2]!;
    }
  }
  return { data, width, height };
}
