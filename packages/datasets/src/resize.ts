/**
 * Antialiased bicubic resize and crop of 8-bit RGB, equal to Pillow's `resize(…, BICUBIC)` followed by `crop`, bit for bit.
 *
 * sharp's own bicubic is not used: it enlarges small images by another rule, which moves pixels by up to half of the
 * 8-bit range. Like Pillow, this works along rows and then along columns, in fixed point, rounding to 8 bits after each
 * pass; unlike Pillow it computes only what the crop shows.
 */

import type { RgbImage } from './image-source.js';

/** Contributions of source pixels `start[i] … start[i] + count[i] - 1` to output `i`, along one axis. */
interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** `weights[i * stride + j]` of source `start[i] + j`, in units of 2^-22; each output's weights sum to about 1. */
  readonly weights: Int32Array;
  readonly stride: number;
}

// 8 bits of pixel and 2 of overshoot leave 22 for the weight: Pillow's fixed point, so that sums round alike.
const fractionBits = 22;
const half = 1 << (fractionBits - 1);

/** What is cut out of the resized image: its size, and the corner and side of the square, in pixels. */
export interface ResizeCrop {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The square `side` × `side` at (`left`, `top`) of `image` resized to `width` × `height`.
 *
 * @returns [side, side, 3] row-major bytes
 */
export function resizeCrop(
  image: RgbImage,
  { width, height, left, top, side }: ResizeCrop,
): Uint8ClampedArray {
  const columns = bicubicTaps(image.width, width, left, side);
  const rows = bicubicTaps(image.height, height, top, side);
  const firstRow = rows.start[0]!;
  const endRow = rows.start[side - 1]! + rows.count[side - 1]!;
  return resizeColumns(resizeRows(image, columns, firstRow, endRow), rows, firstRow);
}

/** Weights of outputs `first … first + count - 1` when `from` pixels become `to`. */
function bicubicTaps(from: number, to: number, first: number, count: number): Taps {
  const scale = from / to;
  // When shrinking, the kernel is widened to cover every source pixel: that is the antialiasing.
  const widening = Math.max(scale, 1);
  const support = 2 * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const taps = {
    start: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * stride),
    stride,
  };
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const length = Math.min(from, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let j = 0; j < length; j++) {
      exact[j] = bicubic((start + j - center + 0.5) * (1 / widening));
      sum += exact[j]!;
    }
    taps.start[i] = start;
    taps.count[i] = length;
    for (let j = 0; j < length; j++) {
      const weight = exact[j]! * (1 / sum) * (1 << fractionBits);
      taps.weights[i * stride + j] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return taps;
}

/** Keys' cubic with a = -0.5 (Catmull-Rom). */
function bicubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

// In both passes `| 0` tells the engine that sums and indices are 32-bit integers; without it they take half again as long.

/** Horizontal pass over source rows `firstRow … endRow - 1`: [endRow - firstRow, side, 3]. */
function resizeRows(
  { data, width }: RgbImage,
  columns: Taps,
  firstRow: number,
  endRow: number,
): Uint8ClampedArray {
  const { start, count, weights, stride } = columns;
  const side = start.length;
  const out = new Uint8ClampedArray((endRow - firstRow) * side * 3); // clamps the kernel's overshoot on storing
  let at = 0;
  for (let y = firstRow; y < endRow; y++) {
    const row = y * width;
    for (let x = 0; x < side; x++) {
      let r = half;
      let g = half;
      let b = half;
      let source = ((row + start[x]!) * 3) | 0;
      const first = (x * stride) | 0;
      const end = (first + count[x]!) | 0;
      for (let j = first; j < end; j = (j + 1) | 0) {
        const weight = weights[j]!;
        r = (r + Math.imul(data[source]!, weight)) | 0;
        g = (g + Math.imul(data[source + 1]!, weight)) | 0;
        b = (b + Math.imul(data[source + 2]!, weight)) | 0;
        source = (source + 3) | 0;
      }
      out[at] = r >> fractionBits;
      out[at + 1] = g >> fractionBits;
      out[at + 2] = b >> fractionBits;
      at = (at + 3) | 0;
    }
  }
  return out;
}

/** Vertical pass over the output of `resizeRows`, whose first row is source row `firstRow`: [side, side, 3]. */
function resizeColumns(data: Uint8ClampedArray, rows: Taps, firstRow: number): Uint8ClampedArray {
  const { start, count, weights, stride } = rows;
  const side = start.length;
  const rowLength = side * 3;
  const out = new Uint8ClampedArray(side * rowLength);
  for (let y = 0; y < side; y++) {
    const row = (start[y]! - firstRow) * rowLength;
    const first = (y * stride) | 0;
    const end = (first + count[y]!) | 0;
    for (let x = 0; x < rowLength; x = (x + 3) | 0) {
      let r = half;
      let g = half;
      let b = half;
      let source = (row + x) | 0;
      for (let j = first; j < end; j = (j + 1) | 0) {
        const weight = weights[j]!;
        r = (r + Math.imul(data[source]!, weight)) | 0;
        g = (g + Math.imul(data[source + 1]!, weight)) | 0;
        b = (b + Math.imul(data[source + 2]!, weight)) | 0;
        source = (source + rowLength) | 0;
      }
      const at = (y * rowLength + x) | 0;
      out[at] = r >> fractionBits;
      out[at + 1] = g >> fractionBits;
      out[at + 2] = b >> fractionBits;
    }
  }
  return out;
}
