/** Bytes of a channel as the model takes them. */

/**
 * `(byte / 255 - mean) / std` for each of the 256 bytes. Every step is rounded to float32, as the steps of torchvision
 * are.
 */
export function normalizationTable(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => {
    const centred = Math.fround(Math.fround(value / 255) - Math.fround(mean));
    return centred / Math.fround(std);
  });
}
