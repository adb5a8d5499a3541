/** Reading of whole files, up to a size: a wrong file shall be an error, not an exhausted machine. */

import { PatchslimError } from '@patchslim/tensor';
import { fileError } from './file-error.js';
import { nodeFs } from '@patchslim/tensor/files';

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
      const { size } = await file.stat();
      if (size > most) {
        const message = `${where}: '${path}' has ${size} bytes, expected at most ${most}`;
        throw new PatchslimError('DATA_INVALID', message, { path, size });
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof PatchslimError ? cause : fileError(where, path, cause);
  }
}
