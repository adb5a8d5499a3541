/** Reading what the user wrote, and making sure of the folder for results before the work starts. */

import { mkdir, mkdtemp, open, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';

/** In bytes; what is read whole here has thousands. */
const largestText = 100_000_000;

/**
 * The text of a file.
 *
 * @param what it is, for errors: `the plan`
 * @throws NOT_FOUND, IO_FAILED
 */
export async function readText(path: string, what: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > largestText) throw new Error(`expected at most ${largestText} bytes, got ${size}`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = `cannot read ${what} ${path}: ${reasonOf(cause)}`;
    throw new PatchslimError(missing ? 'NOT_FOUND' : 'IO_FAILED', message, { path }, cause);
  }
}

/** Makes a folder for results and tries it, before the work starts rather than after. @throws IO_FAILED */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await rmdir(await mkdtemp(join(path, '.patchslim-')));
  } catch (cause) {
    throw new PatchslimError(
      'IO_FAILED',
      `cannot write to the folder ${path}: ${reasonOf(cause)}`,
      { path },
      cause,
    );
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
