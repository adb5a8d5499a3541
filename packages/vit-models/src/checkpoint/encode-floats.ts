/** float32 as the little-endian bytes of a file. */

import { toHalves } from '@patchslim/tensor';

/** What weights are written as. */
export type WrittenDType = 'F32' | 'F16';

/** F32 shares the buffer of `floats`; F16 rounds to the nearest half, ties to even, and to infinity above 65504. */
export function encodeFloats(dtype: WrittenDType, floats: Float32Array): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  return new Uint8Array(toHalves(floats).buffer);
}
