/** Reading of whole files, up to a size: a wrong file shall be an error, not an exhausted machine. */

import { PatchslimError } from '@patchslim/tensor';
import { fileError } from './file-error.js';
import { readWhole, TooLarge } from '@patchslim/tensor/files';
import { describeSource } from './image-source.js';

/**
 * The bytes of a file.
 *
 * @param where what errors name as the caller
 * @param most in bytes
 * @throws `DATA_INVALID` when it is larger than that; `NOT_FOUND`; `IO_FAILED`
 */
export async function readFileUpTo(where: string, path: string, most: number): Promise<Uint8Array> {
  try {
    return await readWhole(path, most);
  } catch (cause) {
    throw cause instanceof TooLarge ? tooLarge(where, path, cause.size, most) : fileError(where, path, cause);
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
  if (blob.size > most) throw tooLarge(where, blob, blob.size, most);
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const { name, details } = describeSource(blob);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatchslimError('IO_FAILED', `${where}: cannot read ${name}: ${reason}`, details, cause);
  }
}

function tooLarge(where: string, source: string | Blob, size: number, most: number): PatchslimError {
  const { name, details } = describeSource(source);
  const message = `${where}: ${name} has ${size} bytes, expected at most ${most}`;
  return new PatchslimError('DATA_INVALID', message, { ...details, size });
}
