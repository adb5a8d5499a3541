/** Reading of whole files, up to a size. */

import { nodeFs } from './node.js';

/** A file with more bytes than it may have. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  /** Bytes that were found: all of them, or those read so far where the file does not tell its size. */
  readonly size: number;

  constructor(size: number, most: number) {
    super(`expected at most ${most} bytes, got ${size}`);
    this.size = size;
  }
}

/**
 * The bytes of a file. What tells no size, such as a device or a pipe, is read no further than `most`.
 *
 * @param most in bytes
 * @throws TooLarge; errors of Node
 */
export async function readWhole(path: string, most: number): Promise<Uint8Array> {
  const { open } = await nodeFs();
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw new TooLarge(size, most);
    // One byte more shows the end without another allocation. FileHandle.readFile would read a device for ever, and
    // fails for files in a zip archive of Yarn's Plug'n'Play.
    let bytes = new Uint8Array(size + 1);
    for (let end = 0; ;) {
      const { bytesRead } = await file.read(bytes, end, bytes.length - end);
      if (bytesRead === 0) return bytes.subarray(0, end);
      end += bytesRead;
      if (end > most) throw new TooLarge(end, most);
      if (end === bytes.length) bytes = grown(bytes);
    }
  } finally {
    await file.close();
  }
}

/** Twice as long, and at least 64 KiB. */
function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(Math.max(2 * bytes.length, 2 ** 16));
  longer.set(bytes);
  return longer;
}
