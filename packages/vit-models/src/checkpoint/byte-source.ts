/** Random access to the bytes of a weight file, wherever they are: a file, a Blob, or memory. */

import { PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import { fileError } from './file-error.js';

/**
 * Bytes in a buffer that no threads share: `Uint8Array<ArrayBuffer>`, in words that TypeScript 5.6 understands too. There
 * arrays have no such parameter.
 */
export type OwnBytes = ReturnType<Uint8ArrayConstructor['of']>;

/** Bytes that can be read in any order. Close it when done. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** A copy of exactly `length` bytes from `offset`, at the start of a buffer of its own. */
  read(offset: number, length: number): Promise<OwnBytes>;
  close(): Promise<void>;
}

/** Bytes in memory. */
export function bytesSource(bytes: Uint8Array | ArrayBuffer, name = 'bytes'): ByteSource {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return {
    name,
    size: view.length,
    read: (offset, length) => Promise.resolve(new Uint8Array(view.subarray(offset, offset + length))),
    close: () => Promise.resolve(),
  };
}

/** A Blob or a File that a user chose in the browser. */
export function blobSource(blob: Blob, name = 'name' in blob ? String(blob.name) : 'blob'): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: () => Promise.resolve(),
  };
}

/**
 * A file, kept open until `close` (Node only).
 *
 * @throws `NOT_FOUND`, `IO_FAILED`; from `read` also when the file has become shorter since it was opened
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const fs = await nodeFs();
  const handle = await fs.open(path).catch((error: unknown) => {
    throw fileError('fileSource', path, error);
  });
  const { size } = await handle.stat();

  const read = async (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const step = await handle.read(bytes, done, length - done, offset + done).catch((error: unknown) => {
        throw fileError('fileSource', path, error);
      });
      if (step.bytesRead === 0) {
        throw new PatchslimError('IO_FAILED', `fileSource: '${path}' ends at byte ${offset + done}`, {
          path,
          expected: offset + length,
        });
      }
      done += step.bytesRead;
    }
    return bytes;
  };
  return { name: path, size, read, close: () => handle.close() };
}
