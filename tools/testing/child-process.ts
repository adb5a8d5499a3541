/** Runs programs on source in separate processes, for tests that need one. */

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { link } from './platform.mjs';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs a TypeScript file and returns the JSON of its last line. The code under test sets telemetry. */
export async function runChild(
  path: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@patchslim/source', '--import', tsx, path],
    { env: { ...process.env, ORT_DISABLE_TELEMETRY: undefined, ...environment }, timeout: 300_000 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Passes `use` a copy of a backend package in a folder where only `@patchslim/tensor` is installed. */
export async function withoutRuntimes<T>(
  packageFolder: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-alone-'));
  try {
    await mkdir(join(folder, 'node_modules/@patchslim'), { recursive: true });
    await link(join(packageFolder, '../tensor'), join(folder, 'node_modules/@patchslim/tensor'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const part of ['src', 'test']) {
      await cp(join(packageFolder, part), join(folder, part), { recursive: true });
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
