/** float32 as the little-endian bytes of a file. */

/** What weights are written as. */
export type WrittenDType = 'F32' | 'F16';

/** F32 shares the buffer of `floats`; F16 rounds to the nearest half, ties to even, and to infinity above 65504. */
export function encodeFloats(dtype: WrittenDType, floats: Float32Array): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  const words = new Uint32Array(floats.slice().buffer);
  return new Uint8Array(Uint16Array.from(words, toHalf).buffer);
}

/** Bits of a float32 → bits of the nearest IEEE 754 binary16. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -25) return sign;
  // The significand with its leading one, and how many of its bits the half has no room for.
  const significand = 0x800000 | fraction;
  const dropped = exponent >= -14 ? 13 : -1 - exponent;
  const kept = significand >>> dropped;
  const rest = significand & ((1 << dropped) - 1);
  const middle = 1 << (dropped - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // A carry runs from the fraction into the exponent, which is what rounding up to the next power of two means.
  return sign | ((exponent >= -14 ? (exponent + 14) << 10 : 0) + kept + up);
}
