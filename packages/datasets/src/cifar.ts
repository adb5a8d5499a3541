/** The binary version of CIFAR-10: records of a label and 32 × 32 pixels, all red values first, then green, then blue. */

import { PatchslimError } from '@patchslim/tensor';

const imageSize = 3 * 32 * 32;
const recordSize = 1 + imageSize;
const classes = 10;

/**
 * The records of one `.bin` file.
 *
 * @param where the function and the file that errors name
 * @returns `labels` [n], `pixels` [n, 3, 32, 32]
 * @throws `DATA_INVALID` when the file is empty, is not made of whole records, or has a label above 9
 */
export function parseCifar10(bytes: Uint8Array, where: string): { labels: Uint8Array; pixels: Uint8Array } {
  const count = bytes.length / recordSize;
  if (count === 0 || !Number.isInteger(count)) {
    throw new PatchslimError(
      'DATA_INVALID',
      `${where}: expected records of ${recordSize} bytes (a label, then 3 × 32 × 32 pixels), got ${bytes.length} bytes`,
      { bytes: bytes.length },
    );
  }
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * imageSize);
  for (let i = 0; i < count; i++) {
    const start = i * recordSize;
    const label = bytes[start]!;
    if (label >= classes) {
      throw new PatchslimError(
        'DATA_INVALID',
        `${where}: expected a label from 0 to ${classes - 1} at byte ${start} (record ${i}), got ${label}`,
        { record: i, byte: start, label },
      );
    }
    labels[i] = label;
    pixels.set(bytes.subarray(start + 1, start + recordSize), i * imageSize);
  }
  return { labels, pixels };
}
