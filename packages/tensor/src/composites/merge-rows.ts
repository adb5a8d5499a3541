/**
 * Merges rows into other rows, image by image. `B` batch, `n` rows, `m` of them used, `r` merged away, `D` destinations, `C`
 * channels.
 */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import type { OpDefinition } from '../op.js';
import { add, div, mul } from '../ops/elementwise.js';
import { gather } from '../ops/indexing.js';
import { matMul } from '../ops/mat-mul.js';
import { concat, slice } from '../ops/movement.js';
import { fail, requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';
import { oneHot } from './one-hot.js';

export const mergeRowsOp: OpDefinition<'mergeRows'> = {
  name: 'mergeRows',
  infer(inputs, { destinations }) {
    const [x, order, targets, ...columns] = inputs;
    requireDType('mergeRows', [x!, ...columns], ['float32']);
    requireDType('mergeRows', [order!, targets!], ['int32']);
    if (x!.shape.length !== 3) fail('mergeRows', 'rows [B, n, C]', inputs);
    const [batch, rows, channels] = x!.shape as [number, number, number];
    const [used, merged] = [order!.shape[1] ?? 0, targets!.shape[1] ?? 0];
    const fits =
      order!.shape.join() === [batch, used].join() &&
      targets!.shape.join() === [batch, merged].join() &&
      columns.every(({ shape }) => shape.join() === [batch, rows, 1].join());
    if (!fits)
      fail('mergeRows', 'rows [B, n, C], order [B, m], targets [B, r], weights and sizes [B, n, 1]', inputs);
    if (!Number.isInteger(destinations) || destinations < 1 || destinations + merged > used) {
      throw new PatchslimError(
        'INVALID_ARGUMENT',
        `mergeRows(): destinations must be 1 to ${used - merged}, got ${destinations}`,
        { destinations, used, merged },
      );
    }
    return { shape: [batch, used - merged, channels + (columns.length > 1 ? 1 : 0)], dtype: 'float32' };
  },
  decompose([x, order, targets, weights, sizes], { destinations }) {
    const sum = (rows: Tensor): Tensor => sumRows(rows, order!, targets!, destinations);
    if (!weights) return sum(x!);
    const channels = x!.shape[2]!;
    const summed = sum(concat([mul(x!, weights), weights, ...(sizes ? [sizes] : [])], 2));
    const part = (from: number, size: number): Tensor => slice(summed, [0, 0, from], [-1, -1, size]);
    const means = div(part(0, channels), part(channels, 1));
    return sizes ? concat([means, part(channels + 1, 1)], 2) : means;
  },
};

/** The rows in `order`, the last ones added to their destinations. */
function sumRows(x: Tensor, order: Tensor, targets: Tensor, destinations: number): Tensor {
  const sorted = gather(x, order, 1, 1);
  const kept = order.shape[1]! - targets.shape[1]! - destinations;
  const part = (from: number, size: number): Tensor => slice(sorted, [0, from, 0], [-1, size, -1]);
  const arriving = matMul(oneHot(targets, destinations), part(kept + destinations, -1), { transposeA: true });
  const merged = add(part(kept, destinations), arriving);
  return kept > 0 ? concat([part(0, kept), merged], 1) : merged;
}

/** Which rows are merged into which, image by image. */
export interface Merging {
  /**
   * Row numbers, int32 `[B, m]`: first the rows that stay as they are, then the destinations, then the `r` rows that are
   * merged away. Rows that are not in it are dropped.
   */
  readonly order: Tensor;
  /** The destination of each row that is merged away, from 0 to `D − 1`: int32 `[B, r]`. */
  readonly targets: Tensor;
  /** `D`. */
  readonly destinations: number;
}

/** Weights `[B, n, 1]` of the rows in a mean, and numbers that are summed beside it. */
export interface MergedColumns {
  readonly weights: Tensor;
  /** `[B, n, 1]`. */
  readonly sizes?: Tensor | undefined;
}

/**
 * Adds rows to their destinations: `[B, n, C] → [B, m − r, C]`. With weights, each row of the result is the weighted mean instead; with
 * sizes, these are summed as a last channel: `[B, m − r, C + 1]`.
 */
export function mergeRows(
  x: Tensor,
  { order, targets, destinations }: Merging,
  columns?: MergedColumns,
): Tensor {
  const { weights, sizes } = columns ?? {};
  const inputs = [x, order, targets, weights, sizes].filter((input) => input !== undefined);
  return apply(mergeRowsOp, inputs, { destinations });
}
