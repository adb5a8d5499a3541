/** Runs a TypeScript file in a process of its own, on source, and returns the JSON of its last line. */

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export async function runChild(
  path: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@patchslim/source', '--import', tsx, path],
    { env: { ...process.env, ...environment }, timeout: 300_000 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
