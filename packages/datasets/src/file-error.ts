/** What a failed file operation means to the caller. */

import { PatchslimError } from '@patchslim/tensor';

/** `NOT_FOUND` when `path` does not exist, otherwise `IO_FAILED`; both name the path and keep the cause. */
export function fileError(where: string, path: string, cause: unknown): PatchslimError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return missing
    ? new PatchslimError('NOT_FOUND', `${where}: '${path}' does not exist`, { path }, cause)
    : new PatchslimError('IO_FAILED', `${where}: cannot read '${path}': ${reason}`, { path }, cause);
}
