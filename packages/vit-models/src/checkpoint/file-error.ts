/** What goes wrong with files. */

import { PatchslimError } from '@patchslim/tensor';

/** A failed file call as `NOT_FOUND` or `IO_FAILED`. */
export function fileError(where: string, path: string, cause: unknown): PatchslimError {
  const reason = errnoOf(cause) ?? String(cause);
  return reason === 'ENOENT'
    ? new PatchslimError('NOT_FOUND', `${where}: there is no file '${path}'`, { path }, cause)
    : new PatchslimError('IO_FAILED', `${where}: '${path}': ${reason}`, { path, reason }, cause);
}

/** `ENOENT`, `EACCES`, … of an error thrown by Node. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
