/** 16-bit floats: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. JavaScript has no array type for them. */

/** Bits of the nearest IEEE 754 binary16 of each number, ties to even, infinity above 65504. */
export function toHalves(floats: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(floats.slice().buffer), toHalf);
}

/** Bits of a float32 → bits of the nearest IEEE 754 binary16. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -25) return sign;
  // The significand with its leading one, and the number of bits that do not fit in the half.
  const significand = 0x800000 | fraction;
  const dropped = exponent >= -14 ? 13 : -1 - exponent;
  const kept = significand >>> dropped;
  const rest = significand & ((1 << dropped) - 1);
  const middle = 1 << (dropped - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // A carry from the fraction into the exponent correctly rounds up to the next power of two.
  return sign | ((exponent >= -14 ? (exponent + 14) << 10 : 0) + kept + up);
}
