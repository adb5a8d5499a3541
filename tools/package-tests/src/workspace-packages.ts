/** Reads the packages of this workspace from their folders and manifests. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The fields of a `package.json` used here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Name of the folder in `packages`: `tensor` for `@patchslim/tensor`. */
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Every package that is published, by name of its folder. */
export async function readPackages(): Promise<WorkspacePackage[]> {
  const ids = (await readdir(join(root, 'packages'))).sort();
  const folders = ids.map((id) => ({ id, folder: join(root, 'packages', id) }));
  const present = folders.filter(({ folder }) => existsSync(join(folder, 'package.json')));
  return Promise.all(
    present.map(async ({ id, folder }) => ({ id, folder, manifest: await readManifest(folder) })),
  );
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Specifiers for `import` and `require`: `@patchslim/tensor`, `@patchslim/tensor/reference`, …; without patterns. */
export function entryPoints({ name, exports }: Manifest): string[] {
  const paths = Object.keys(exports).filter((path) => !path.endsWith('.json') && !path.includes('*'));
  return paths.map((path) => name + path.slice(1));
}

/** Names of the packages that npm installs with a package: dependencies, and peers that are not optional. */
export function requirements(manifest: Manifest): string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...peers];
}

export const optionalPeers = ({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): string[] =>
  Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional === true);

/** Names of the packages that npm installs too, but can do without. */
export const optionalDependencies = ({ optionalDependencies: found = {} }: Manifest): string[] =>
  Object.keys(found);

/** The packages of these names, and all their dependencies in this workspace. */
export function withRequired(
  names: readonly string[],
  packages: readonly WorkspacePackage[],
): WorkspacePackage[] {
  const found = new Set<WorkspacePackage>();
  const visit = (name: string): void => {
    const one = packages.find(({ manifest }) => manifest.name === name);
    if (!one || found.has(one)) return;
    found.add(one);
    requirements(one.manifest).forEach(visit);
  };
  names.forEach(visit);
  return [...found];
}

/**
 * Finds the folder of a third-party package, as resolved from a folder.
 *
 * @throws when it is not installed
 */
export function installedFolder(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed, seen from ${from}: npm ci`);
  }
}
