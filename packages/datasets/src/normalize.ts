/** Bytes of a channel as the model takes them. */

import type { Preprocessing } from '@patchslim/vit-models';

/**
 * `(byte · rescale - mean) / std` for each of the 256 bytes. Every step is rounded to float32, as the steps of torchvision and
 * transformers are.
 */
export function normalizationTable(
  { rescale, mean, std }: Pick<Preprocessing, 'rescale' | 'mean' | 'std'>,
  channel: number,
): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => {
    const centred = Math.fround(Math.fround(value * rescale) - Math.fround(mean[channel]!));
    return centred / Math.fround(std[channel]!);
  });
}
