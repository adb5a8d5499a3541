/** Resize by taking single pixels, as Pillow's `NEAREST`. */

import type { RgbImage } from './image-source.js';

/**
 * The source pixel of each output `first … first + count - 1` when `from` pixels become `to`; -1 for none. Pillow adds the step up, output by
 * output, so its rounding errors add up too.
 */
export function nearestOf(
  from: number,
  to: number,
  { first, count }: { readonly first: number; readonly count: number },
): Int32Array {
  const step = from / to;
  const sources = new Int32Array(count);
  let position = step * 0.5;
  for (let i = 0; i < first + count; i++) {
    if (i >= first) sources[i - first] = position < from ? Math.trunc(position) : -1;
    position += step;
  }
  return sources;
}

/** [rows, columns, 3] bytes; black where there is no source. */
export function pickNearest(
  { data, width }: RgbImage,
  columns: Int32Array,
  rows: Int32Array,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(rows.length * columns.length * 3);
  let at = 0;
  for (const y of rows) {
    for (const x of columns) {
      const from = (y * width + x) * 3;
      if (x >= 0 && y >= 0) out.set(data.subarray(from, from + 3), at);
      at += 3;
    }
  }
  return out;
}
