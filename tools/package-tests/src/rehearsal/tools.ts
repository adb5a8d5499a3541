/**
 * The programs of the rehearsal that this workspace does not depend on: a registry, package managers and other runtimes. They are
 * installed from npm into a cache when they are needed, so that `npm ci` stays small.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing';
import { runProgram } from '../run-program.js';
import { root } from '../workspace-packages.js';

/** Exact versions, which the table of consumers prints. All of them run on Node 20.19. */
const versions = {
  verdaccio: '6.8.0',
  pnpm: '12.21.0',
  yarn: '1.22.22',
  '@yarnpkg/cli-dist': '4.18.1',
  bun: '1.4.5',
  deno: '2.9.6',
} as const;

/** These bring their program as a package of the platform, which their install script puts in its place. */
const withPrograms = ['pnpm', 'bun', 'deno'];

export interface Tools {
  readonly versions: Readonly<Record<string, string>>;
  /** The path of a file in an installed tool. */
  readonly file: (path: string) => string;
}

/** Installs the tools, unless the cache has these versions. */
export async function installTools(
  folder = join(root, 'node_modules/.cache/patchslim-rehearsal'),
): Promise<Tools> {
  // verdaccio asks for a tag of node-fetch that some mirrors do not have.
  const manifest = { private: true, dependencies: versions, overrides: { 'node-fetch': '2.7.0' } };
  const text = JSON.stringify(manifest);
  const done = join(folder, 'installed.json');
  if (!existsSync(done) || (await readFile(done, 'utf8')) !== text) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), text);
    const npm = (...args: string[]) => {
      const command = npmCommand([...args, '--no-audit', '--no-fund', '--loglevel=error']);
      return runProgram(command.program, command.args, folder);
    };
    await npm('install', '--ignore-scripts');
    await npm('rebuild', ...withPrograms, '--ignore-scripts=false');
    await writeFile(done, text);
  }
  return { versions, file: (path) => join(folder, 'node_modules', path) };
}
