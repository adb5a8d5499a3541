/** Weights as float32, all finite. */

import { decodeFloats, type FloatDType } from '../decode-floats.js';
import { quoted, refused } from './checkpoint-error.js';

/**
 * @param bytes at the start of a buffer of their own, which is taken over
 * @throws `CHECKPOINT_INVALID` for NaN and infinity
 */
export function finiteFloats(
  file: string,
  name: string,
  dtype: FloatDType,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array {
  const floats = decodeFloats(dtype, bytes);
  const broken = floats.findIndex((value) => !Number.isFinite(value));
  if (broken < 0) return floats;
  throw refused(file, `tensor '${quoted(name)}': element ${broken} is ${floats[broken]}`, { tensor: name });
}
