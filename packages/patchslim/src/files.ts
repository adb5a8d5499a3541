/** Reading what the user wrote, and making sure of the folder for results before the work starts. */

import { mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';
import { readWhole } from '@patchslim/tensor/files';

/** In bytes; what is read whole here has thousands. */
const largestText = 100_000_000;

/**
 * The text of a file, as UTF-8.
 *
 * @param what it is, for errors: `the plan`
 * @throws NOT_FOUND, IO_FAILED
 */
export async function readText(path: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, what));
}

/** The bytes of a file of the size of texts. @throws NOT_FOUND, IO_FAILED */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, largestText);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = `cannot read ${what} ${path}: ${reasonOf(cause)}`;
    throw new PatchslimError(missing ? 'NOT_FOUND' : 'IO_FAILED', message, { path }, cause);
  }
}

/** Makes a folder for results and tries it, before the work starts rather than after. @throws IO_FAILED */
export async function makeFolder(path: string): Promise<void> {
  await tryFolder(path, `to the folder ${path}`);
}

/** @param what for the error: it cannot be written */
async function tryFolder(path: string, what: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await rmdir(await mkdtemp(join(path, '.patchslim-')));
  } catch (cause) {
    throw new PatchslimError('IO_FAILED', `cannot write ${what}: ${reasonOf(cause)}`, { path }, cause);
  }
}

/**
 * Makes the folder of a file that is written at the end, and tries whether the file can be, before the work starts.
 *
 * @throws IO_FAILED also where there is a folder of that name
 */
export async function makeFolderOf(path: string): Promise<void> {
  await tryFolder(dirname(path), path);
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return;
  throw new PatchslimError('IO_FAILED', `cannot write ${path}: it is a folder; name a file`, { path });
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
