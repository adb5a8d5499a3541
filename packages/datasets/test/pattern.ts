/** Synthetic images, drawn by integer arithmetic exactly as tools/golden/preprocess.py draws them. */

import type { RgbImage } from '../src/image-source.js';

export interface Pattern {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
}

/** Half ramps, half noise. */
export function drawPattern({ width, height, seed }: Pattern): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++, at++) {
        const mixed = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(c, 83492791) ^ seed;
        const noise = Math.imul(mixed, 2654435761) >>> 24;
        data[at] = (((x * 5 + y * 3 + c * 40) & 255) + noise) >> 1;
      }
    }
  }
  return { data, width, height };
}
