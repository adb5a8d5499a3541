/** Reading of whole files, up to a size: a wrong file shall be an error, not an exhausted machine. */

import { PatchslimError } from '@patchslim/tensor';
import { fileError } from './file-error.js';
import { nodeFs } from '@patchslim/tensor/files';
import { describeSource } from './image-source.js';

/**
 * The bytes of a file.
 *
 * @param where what errors name as the caller
 * @param most in bytes
 * @throws `DATA_INVALID` when it is larger than that; `NOT_FOUND`; `IO_FAILED`
 */
export async function readFileUpTo(where: string, path: string, most: number): Promise<Uint8Array> {
  const { open } = await nodeFs();
  try {
    const file = await open(path);
    try {
      checkSize(where, path, (await file.stat()).size, most);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof PatchslimError ? cause : fileError(where, path, cause);
  }
}

/**
 * The bytes of a `Blob` or `File`.
 *
 * @throws `DATA_INVALID` when it is larger than `most` bytes; `IO_FAILED` when it cannot be read, as when the file was
 * changed after it was chosen
 */
export async function readBlobUpTo(
  where: string,
  blob: Blob,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  checkSize(where, blob, blob.size, most);
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const { name, details } = describeSource(blob);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatchslimError('IO_FAILED', `${where}: cannot read ${name}: ${reason}`, details, cause);
  }
}

function checkSize(where: string, source: string | Blob, size: number, most: number): void {
  if (size <= most) return;
  const { name, details } = describeSource(source);
  const message = `${where}: ${name} has ${size} bytes, expected at most ${most}`;
  throw new PatchslimError('DATA_INVALID', message, { ...details, size });
}
