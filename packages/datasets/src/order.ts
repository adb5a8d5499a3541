/** Batches of images that lie in memory, in their own order or in one that is asked for. */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import type { ImageBatch } from './batches.js';

/** What goes with a pass over an image set. */
export interface BatchesOptions extends LongCallOptions {
  /**
   * Indices of the images to give, in this order; all of them in their own when left out. An index may occur more than
   * once.
   */
  readonly order?: readonly number[] | undefined;
}

/** Throws `INVALID_ARGUMENT` unless every index of `order` is one of `count` images. */
export function checkOrder(where: string, count: number, order: readonly number[]): void {
  const at = order.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (at < 0) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${where}: expected indices of ${count} images (0 to ${count - 1}), got ${order[at]} at place ${at}`,
    { count, index: order[at], place: at },
  );
}

/**
 * The batches of a set in memory.
 *
 * @param where what errors name as the caller
 * @param read the images with these indices, never none; in the set's own order they are consecutive
 * @throws `INVALID_ARGUMENT` for an index out of range, or a batch size that is not a positive integer, at once;
 * `ABORTED` between batches
 */
export function memoryBatches(
  where: string,
  count: number,
  batchSize: number,
  { order, signal }: BatchesOptions,
  read: (indices: readonly number[]) => ImageBatch,
): AsyncGenerator<ImageBatch, void, undefined> {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    const message = `${where}: batchSize must be a positive integer, got ${batchSize}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { batchSize });
  }
  if (order) checkOrder(where, count, order);
  const total = order?.length ?? count;
  // eslint-disable-next-line @typescript-eslint/require-await -- nothing to wait for, but sets are read as streams
  return (async function* () {
    for (let first = 0; first < total; first += batchSize) {
      throwIfAborted(signal, where);
      const length = Math.min(batchSize, total - first);
      yield read(order?.slice(first, first + length) ?? Array.from({ length }, (_, i) => first + i));
    }
  })();
}

/** Whether `indices` count up by one, so that what they name lies together. */
export function isRun(indices: readonly number[]): boolean {
  return indices.every((index, i) => index === indices[0]! + i);
}
