/** The windows of an image as rows. `B` images, `C` channels, `k` the side of a window, `L` windows. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import { int32, type TensorSpec } from '../host.js';
import type { OpDefinition, Windows } from '../op.js';
import { gather } from '../ops/indexing.js';
import { pad, reshape, slice, transpose } from '../ops/movement.js';
import { range } from '../range.js';
import { fail, requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const unfoldOp: OpDefinition<'unfold'> = {
  name: 'unfold',
  infer([x], windows) {
    const { batch, channels, rows, columns } = windowGrid('unfold', x!, windows, [x!]);
    return { shape: [batch, rows * columns, channels * windows.kernel ** 2], dtype: 'float32' };
  },
  decompose([x], windows) {
    const { kernel, padding } = windows;
    const { batch, channels, rows, columns } = windowGrid('unfold', x!, windows, [x!]);
    const around = [0, 0, padding, padding];
    const padded = padding === 0 ? x! : pad(x!, around, around);
    const taken = takeWindows(takeWindows(padded, 2, rows, windows), 3, columns, windows);
    const split = reshape(taken, [batch, channels, rows, kernel, columns, kernel]);
    return reshape(transpose(split, [0, 2, 4, 1, 3, 5]), [batch, rows * columns, channels * kernel ** 2]);
  },
};

/** The square windows of an image; lengths in pixels. */
export interface WindowOptions {
  /** Side of a window. */
  readonly kernel: number;
  /** From one window to the next. @default 1 */
  readonly stride?: number | undefined;
  /** Zeros around the image. @default 0 */
  readonly padding?: number | undefined;
}

/**
 * The windows of images `[B, C, H, W]` as rows `[B, L, C · k²]`: windows row by row; in each, the pixels of channel 0 row by
 * row, then those of channel 1. The last pixels of a row or column are left out if no whole window covers them. The same
 * values as `torch.nn.functional.unfold`, transposed.
 */
export const unfold = (x: Tensor, { kernel, stride = 1, padding = 0 }: WindowOptions): Tensor =>
  apply(unfoldOp, [x], { kernel, stride, padding });

/** Rows and columns of windows on images `[B, C, H, W]`. @param all the inputs to print in an error */
export function windowGrid(
  op: string,
  x: TensorSpec,
  { kernel, stride, padding }: Windows,
  all: readonly TensorSpec[],
): { batch: number; channels: number; rows: number; columns: number } {
  requireDType(op, all, ['float32']);
  const whole = [kernel, stride, padding].every(Number.isInteger);
  if (!whole || kernel < 1 || stride < 1 || padding < 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `${op}(): kernel and stride must be whole numbers from 1, padding from 0, got ${kernel}, ${stride} and ${padding}`,
      { op, kernel, stride, padding },
    );
  }
  if (x.shape.length !== 4) fail(op, 'images [B, C, H, W]', all);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (Math.min(height, width) + 2 * padding < kernel) {
    fail(op, `images of at least ${kernel} × ${kernel} pixels with a padding of ${padding}`, all);
  }
  const [rows, columns] = [height, width].map(
    (length) => Math.floor((length + 2 * padding - kernel) / stride) + 1,
  ) as [number, number];
  return { batch, channels, rows, columns };
}

/** The pixels of each window along one axis: `[…, length, …]` → `[…, count · kernel, …]`, window by window. */
function takeWindows(x: Tensor, axis: number, count: number, { kernel, stride }: Windows): Tensor {
  if (stride === kernel) return count * kernel === x.shape[axis] ? x : firstOf(x, axis, count * kernel);
  const pixels = range(count).flatMap((window) => range(kernel).map((pixel) => window * stride + pixel));
  return gather(x, x.backend.constant(int32([count * kernel], pixels)), axis);
}

const firstOf = (x: Tensor, axis: number, length: number): Tensor =>
  slice(
    x,
    x.shape.map(() => 0),
    x.shape.with(axis, length),
  );
