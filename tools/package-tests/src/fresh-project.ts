/**
 * Creates projects outside this workspace, into which npm installs packages from their tarballs. Third-party packages are not
 * downloaded: npm installs stand-ins of the right name and version, which are then replaced by links to this workspace's
 * packages.
 */

import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing';
import type { Tarball } from './pack-packages.js';
import { runProgram } from './run-program.js';
import { link } from '@patchslim/testing/platform';
import {
  installedFolder,
  optionalDependencies,
  readManifest,
  requirements,
  withRequired,
  type WorkspacePackage,
} from './workspace-packages.js';

/** The packages and folders for projects. */
export interface Supplies {
  readonly packages: readonly WorkspacePackage[];
  readonly tarballs: readonly Tarball[];
  /** Temporary folder for projects. */
  readonly scratch: string;
}

/**
 * Creates a project and installs the named packages, of this workspace and others, with their dependencies.
 *
 * @returns its folder
 */
export async function createProject(
  title: string,
  names: readonly string[],
  { packages, tarballs, scratch }: Supplies,
): Promise<string> {
  const folder = join(scratch, title);
  const own = withRequired(names, packages);
  const links = thirdParty(names, own);
  const sources: Record<string, string> = {};
  for (const { manifest } of own) {
    sources[manifest.name] = `file:${tarballs.find(({ name }) => name === manifest.name)!.path}`;
  }
  for (const [name, target] of links) {
    const standIn = join(folder, 'stand-ins', name);
    const { version } = await readManifest(target);
    await mkdir(standIn, { recursive: true });
    await writeFile(join(standIn, 'package.json'), JSON.stringify({ name, version }));
    sources[name] = `file:${standIn}`;
  }
  const manifest = {
    name: title,
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(names.map((name) => [name, sources[name]])),
    overrides: sources,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const quietly = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = npmCommand(['install', ...quietly, '--cache', join(scratch, 'npm-cache')]);
  await runProgram(npm.program, npm.args, folder);
  for (const [name, target] of links) {
    const place = join(folder, 'node_modules', name);
    await rm(place, { recursive: true });
    await link(target, place);
  }
  for (const { manifest } of own) await requireReal(join(folder, 'node_modules', manifest.name));
  return folder;
}

/** Checks that a package is installed as files. A link would lead to this workspace. */
async function requireReal(place: string): Promise<void> {
  if (!(await lstat(place)).isDirectory()) throw new Error(`${place} was not installed from a tarball`);
}

/** Third-party packages that npm installs, and their folders in this workspace. */
function thirdParty(names: readonly string[], own: readonly WorkspacePackage[]): Map<string, string> {
  const found = new Map<string, string>();
  const isOwn = (name: string): boolean => own.some(({ manifest }) => manifest.name === name);
  for (const { folder, manifest } of own) {
    const peers = Object.keys(manifest.peerDependencies ?? {}).filter((name) => names.includes(name));
    for (const name of [...requirements(manifest), ...optionalDependencies(manifest), ...peers]) {
      if (!isOwn(name)) found.set(name, installedFolder(name, folder));
    }
  }
  for (const name of names) {
    if (!isOwn(name) && !found.has(name)) found.set(name, installedFolder(name, import.meta.dirname));
  }
  return found;
}
