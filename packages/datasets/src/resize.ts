/**
 * Antialiased resize and crop of 8-bit RGB, equal to Pillow's `resize` followed by `crop`, bit for bit.
 *
 * sharp's own resize is not used: its bicubic enlarges small images by another rule, which moves pixels by up to half of the
 * 8-bit range. Like Pillow, this works along rows and then along columns, in fixed point, rounding to 8 bits after each
 * pass; unlike Pillow it computes only what the crop shows.
 */

import type { Interpolation, PerChannel } from '@patchslim/vit-models';
import { filters, type Filter } from './filters.js';
import type { RgbImage } from './image-source.js';
import { nearestOf, pickNearest } from './nearest.js';

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

/** What is cut out of the resized image, all in pixels. The part may reach beyond it. */
export interface ResizeCrop {
  /** Of the resized image. */
  readonly width: number;
  readonly height: number;
  /** Corner of the part. */
  readonly left: number;
  readonly top: number;
  /** Of the part. */
  readonly outWidth: number;
  readonly outHeight: number;
  readonly interpolation: Interpolation;
  /** Bytes of the pixels beyond the resized image. */
  readonly fill: PerChannel;
}

/**
 * The part at (`left`, `top`) of `image` resized to `width` × `height`.
 *
 * @returns [outHeight, outWidth, 3] row-major bytes
 */
export function resizeCrop(image: RgbImage, part: ResizeCrop): Uint8ClampedArray {
  const across = overlap(part.width, part.left, part.outWidth);
  const down = overlap(part.height, part.top, part.outHeight);
  const inside = across.count > 0 && down.count > 0 ? resized(image, part, across, down) : undefined;
  const whole = across.count === part.outWidth && down.count === part.outHeight;
  return inside && whole ? inside : padded(inside, part, across, down);
}

/** Outputs `first … first + count - 1` of one axis of the resized image are seen, from position `at` of the part on. */
interface Overlap {
  readonly first: number;
  readonly count: number;
  readonly at: number;
}

function overlap(size: number, corner: number, out: number): Overlap {
  const first = Math.max(0, corner);
  return { first, count: Math.max(0, Math.min(size, corner + out) - first), at: first - corner };
}

function resized(
  image: RgbImage,
  { width, height, interpolation }: ResizeCrop,
  across: Overlap,
  down: Overlap,
): Uint8ClampedArray {
  if (interpolation === 'nearest') {
    return pickNearest(image, nearestOf(image.width, width, across), nearestOf(image.height, height, down));
  }
  const filter = filters[interpolation];
  const columns = tapsOf(filter, image.width, width, across);
  const rows = tapsOf(filter, image.height, height, down);
  const last = down.count - 1;
  const firstRow = rows.start[0]!;
  const endRow = rows.start[last]! + rows.count[last]!;
  return resizeColumns(resizeRows(image, columns, firstRow, endRow), rows, firstRow, across.count);
}

function padded(
  inside: Uint8ClampedArray | undefined,
  { outWidth, outHeight, fill }: ResizeCrop,
  across: Overlap,
  down: Overlap,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(outWidth * outHeight * 3);
  for (let i = 0; i < out.length; i++) out[i] = fill[i % 3]!;
  if (!inside) return out;
  const row = across.count * 3;
  for (let y = 0; y < down.count; y++) {
    out.set(inside.subarray(y * row, (y + 1) * row), ((down.at + y) * outWidth + across.at) * 3);
  }
  return out;
}

/** Weights of outputs `first … first + count - 1` when `from` pixels become `to`. */
function tapsOf({ support: reach, weight: at }: Filter, from: number, to: number, seen: Overlap): Taps {
  const { first, count } = seen;
  const scale = from / to;
  // When shrinking, the filter is widened to cover every source pixel: that is the antialiasing.
  const widening = Math.max(scale, 1);
  const support = reach * widening;
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
      exact[j] = at((start + j - center + 0.5) * (1 / widening));
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

// In both passes `| 0` tells the engine that sums and indices are 32-bit integers; without it they take half again as long.

/** Horizontal pass over source rows `firstRow … endRow - 1`: [endRow - firstRow, columns, 3]. */
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

/** Vertical pass over the output of `resizeRows`, whose first row is source row `firstRow`: [rows, width, 3]. */
function resizeColumns(
  data: Uint8ClampedArray,
  rows: Taps,
  firstRow: number,
  width: number,
): Uint8ClampedArray {
  const { start, count, weights, stride } = rows;
  const rowLength = width * 3;
  const out = new Uint8ClampedArray(start.length * rowLength);
  for (let y = 0; y < start.length; y++) {
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
