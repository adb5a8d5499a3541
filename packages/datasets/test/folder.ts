/** Folders of real files for one test. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { patternImage } from './pattern-image.js';

/** Writes `files` (path below the folder → contents) into a new folder that the end of the test removes. */
export async function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'patchslim-datasets-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, contents] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contents);
  }
  return dir;
}

/** A small JPEG; another one for every seed. */
export function jpeg(seed = 0): Promise<Uint8Array> {
  return patternImage({ width: 40, height: 30, seed }).jpeg({ quality: 90 }).toBuffer();
}
