/** Little-endian floating-point bytes of a file as float32. */

import type { SafetensorsDType } from './safetensors-header.js';

/** The floating-point dtypes that are read; integers are never weights. */
export const floatDTypes = ['F32', 'F16', 'BF16', 'F64'] as const satisfies readonly SafetensorsDType[];

export type FloatDType = (typeof floatDTypes)[number];

export function isFloatDType(dtype: SafetensorsDType): dtype is FloatDType {
  return (floatDTypes as readonly SafetensorsDType[]).includes(dtype);
}

/** Takes `bytes` over: an F32 result shares their buffer. F64 is rounded, and may overflow to infinity. */
export function decodeFloats(dtype: FloatDType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'F64':
      return new Float32Array(new Float64Array(bytes.buffer));
    case 'F16':
      return decodeHalves(new Uint16Array(bytes.buffer));
    case 'BF16':
      return decodeBrainFloats(new Uint16Array(bytes.buffer));
    default:
      return dtype satisfies never;
  }
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function decodeHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  // One scale per exponent: 2^-24 per unit of the fraction when the exponent is 0 (subnormal) or 1, then doubling.
  const scales = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));
  for (let i = 0; i < halves.length; i++) {
    const bits = halves[i]!;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    const magnitude =
      exponent === 0x1f
        ? fraction === 0
          ? Infinity
          : NaN
        : (exponent === 0 ? fraction : 1024 + fraction) * scales[exponent]!;
    floats[i] = bits & 0x8000 ? -magnitude : magnitude;
  }
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function decodeBrainFloats(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}
