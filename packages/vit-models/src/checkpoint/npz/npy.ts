/** One array of NumPy: a header in a subset of Python, then the elements. Format: numpy/lib/format.py, versions 1 to 3. */

import { refused } from '../containers/checkpoint-error.js';

export interface NpyHeader {
  /** `<f4`, `<f2`, `<f8`, `|V2`, … */
  readonly descr: string;
  /** First axis fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** First byte of the elements. */
  readonly begin: number;
}

/** `\x93NUMPY`. */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** In bytes; NumPy pads headers to a multiple of 64. */
export const longestNpyHeader = 4096;

/** @param bytes the first `longestNpyHeader` bytes, or the whole array @throws `CHECKPOINT_INVALID` */
export function readNpyHeader(bytes: Uint8Array, file: string, name: string): NpyHeader {
  const fail = () => refused(file, `'${name}' is no array of NumPy`, { entry: name });
  if (bytes.length < 12 || !magic.every((byte, i) => bytes[i] === byte)) throw fail();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! > 1;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const begin = (wide ? 12 : 10) + length;
  if (begin > Math.min(bytes.length, longestNpyHeader)) throw fail();
  const header = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, begin));
  const descr = /'descr':\s*'([^']{1,20})'/.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw refused(file, `'${name}' is no array of plain numbers`, { entry: name });
  }
  const dims = shape.split(',').map((dim) => dim.trim().replace(/L$/, '')).filter((dim) => dim !== '').map(Number); // prettier-ignore
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (dims.length > 32 || !dims.every(Number.isSafeInteger) || !Number.isSafeInteger(size)) throw fail();
  return { descr, fortran: fortran === 'True', shape: dims, begin };
}
