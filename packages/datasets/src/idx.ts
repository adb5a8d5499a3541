/**
 * IDX, the format of MNIST and its family: two zeros, a byte for the type, a byte for the number of dimensions, each
 * dimension in four bytes (the highest first), then the values, the last dimension fastest. Here the values are bytes.
 */

import { PatchslimError } from '@patchslim/tensor';
import { inflateGzip, isGzip } from './gzip.js';

/** Bytes with a shape; an array of n images [n, H, W], or of n labels [n]. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 8; // the only type that image sets use
const mostDimensions = 4;
const mostValues = 1_000_000_000; // 1.3 million grey images of 28 × 28

/**
 * Reads an IDX file of unsigned bytes; one that is compressed with gzip is inflated first.
 *
 * @param where the function and the file that errors name
 * @returns `data` is a view of `bytes` where these were not compressed
 * @throws `DATA_INVALID` for another format or type, dimensions that are none, more than 10^9 values, and a length other
 * than the header says
 * @example
 * const { shape, data } = await parseIdx(await readFile('train-labels-idx1-ubyte'), 'train-labels-idx1-ubyte');
 */
export async function parseIdx(bytes: Uint8Array, where: string): Promise<IdxArray> {
  const most = mostValues + headerSize(mostDimensions);
  return parsePlain(isGzip(bytes) ? await inflateGzip(bytes, where, most) : bytes, where);
}

function parsePlain(bytes: Uint8Array, where: string): IdxArray {
  const fail = (expected: string, got: string): never => {
    throw new PatchslimError('DATA_INVALID', `${where}: expected ${expected}, got ${got}`, {
      bytes: bytes.length,
    });
  };
  if (bytes.length < 4) fail('an IDX file', `${bytes.length} bytes`);
  const [first, second, type, dimensions] = bytes as unknown as [number, number, number, number];
  if (first !== 0 || second !== 0) fail('an IDX file, which begins with two zeros', `${first} and ${second}`);
  if (type !== unsignedByte) fail('unsigned bytes (type 8 at byte 2)', `type ${type}`);
  if (dimensions < 1 || dimensions > mostDimensions) {
    fail(`1 to ${mostDimensions} dimensions (byte 3)`, String(dimensions));
  }
  const start = headerSize(dimensions);
  if (bytes.length < start) fail(`a header of ${start} bytes`, `a file of ${bytes.length}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: dimensions }, (_, i) => header.getUint32(4 + 4 * i));
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size < 1 || size > mostValues) fail(`a shape of 1 to ${mostValues} values`, `[${shape.join(', ')}]`);
  if (bytes.length !== start + size) {
    fail(`${start + size} bytes for shape [${shape.join(', ')}]`, String(bytes.length));
  }
  return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + start, size) };
}

/**
 * An IDX file of unsigned bytes, not compressed.
 *
 * @throws `INVALID_ARGUMENT` for a shape that `parseIdx` would not read, or when `data` has another size
 * @example
 * await writeFile('labels-idx1-ubyte', formatIdx([3], Uint8Array.of(7, 2, 1)));
 */
export function formatIdx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const fits =
    shape.length >= 1 &&
    shape.length <= mostDimensions &&
    shape.every((dimension) => Number.isSafeInteger(dimension) && dimension > 0) &&
    size === data.length &&
    size <= mostValues;
  if (!fits) {
    const expected = `1 to ${mostDimensions} positive dimensions whose product is the number of bytes`;
    const got = `shape [${shape.join(', ')}] for ${data.length} bytes`;
    throw new PatchslimError('INVALID_ARGUMENT', `formatIdx: expected ${expected}, got ${got}`, { shape });
  }
  const start = headerSize(shape.length);
  const bytes = new Uint8Array(start + size);
  bytes.set([0, 0, unsignedByte, shape.length]);
  const header = new DataView(bytes.buffer);
  shape.forEach((dimension, i) => header.setUint32(4 + 4 * i, dimension));
  bytes.set(data, start);
  return bytes;
}

/** In bytes. */
const headerSize = (dimensions: number): number => 4 + 4 * dimensions;
