/** Node's file modules, imported on use so that the package also loads in a browser, and their errors. */

import type * as Fs from 'node:fs/promises';
import type * as Path from 'node:path';
import { PatchslimError } from '@patchslim/tensor';

/** Whether Node's modules are there. */
export function isNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}

/** `node:fs/promises`. */
export function nodeFs(): Promise<typeof Fs> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');
}

/** `node:path`. */
export function nodePath(): Promise<typeof Path> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:path');
}

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
