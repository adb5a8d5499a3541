/** Writing results so that a reader sees the old file or the new one, never half of one. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { PatchslimError } from '@patchslim/tensor';

/** @throws IO_FAILED */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new PatchslimError('IO_FAILED', `cannot write ${path}`, { path }, cause);
  }
}

/** Makes a folder for results, before the work starts rather than after. @throws IO_FAILED */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new PatchslimError('IO_FAILED', `cannot make the folder ${path}`, { path }, cause);
  }
}
