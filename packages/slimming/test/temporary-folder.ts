/** Redirects the library's temporary folder for tests. */

import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Points the system's temporary folder to a new one for the rest of the test. */
export function ownTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchslim-own-'));
  useTemporaryFolder(folder);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Points the system's temporary folder to `folder` for the rest of the test. */
export function useTemporaryFolder(folder: string): void {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
}

/** Entries of this library in `folder`; runtimes also leave files there. */
export async function spilledTo(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((entry) => entry.startsWith('patchslim-'));
}
