/** A local registry with the packages of this workspace; it gets all others from the registry that npm uses here. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing';
import { runNode, runProgram } from '../run-program.js';
import { root } from '../workspace-packages.js';
import { freePort, startNode } from './start-program.js';
import type { Tools } from './tools.js';

export interface Registry {
  /** Ends without a slash. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startRegistry({ file }: Tools, folder: string): Promise<Registry> {
  const npm = npmCommand(['config', 'get', 'registry']);
  const upstream = (await runProgram(npm.program, npm.args, root)).stdout.trim();
  const url = `http://127.0.0.1:${await freePort()}`;
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'verdaccio.yaml');
  await writeFile(config, registryConfig(folder, upstream));
  const { stop } = await startNode([file('verdaccio/bin/verdaccio'), '--config', config, '--listen', url], {
    cwd: folder,
    url: `${url}/-/ping`,
  });
  return { url, stop };
}

/** Our packages come from nowhere else: an older release of the same version must not stand in for what was built. */
const registryConfig = (folder: string, upstream: string): string => `
storage: ${JSON.stringify(join(folder, 'storage'))}
max_body_size: 100mb
auth:
  htpasswd:
    file: ${JSON.stringify(join(folder, 'htpasswd'))}
uplinks:
  npm:
    url: ${upstream}
    timeout: 120s
    max_fails: 20
packages:
  '@patchslim/*': { access: $all, publish: $all }
  'patchslim': { access: $all, publish: $all }
  '**': { access: $all, proxy: npm }
log: { type: stdout, format: pretty, level: warn }
`;

/**
 * Publishes every package with \`nx release publish\`, as a release does.
 *
 * @returns the names that the registry then has, sorted
 */
export async function publishAll({ url }: Registry, names: readonly string[], folder: string): Promise<void> {
  // npm refuses to publish without a token; this registry takes any.
  const userConfig = join(folder, 'publish.npmrc');
  await writeFile(userConfig, `${url.replace('http:', '')}/:_authToken=rehearsal\n`);
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  await runNode([nx, 'release', 'publish', `--registry=${url}`], root, {
    npm_config_userconfig: userConfig,
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
  });
  for (const name of names) {
    const response = await fetch(`${url}/${name.replace('/', '%2f')}`);
    if (!response.ok) throw new Error(`${name} was not published: ${response.status} of ${url}`);
  }
}
