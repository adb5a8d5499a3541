/** Measures the install size of a package: its tarball, its unpacked files, and its third-party packages. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tarball } from './pack-packages.js';
import { namesToInstall, readReadme } from './readme.js';
import {
  installedFolder,
  optionalDependencies,
  optionalPeers,
  readManifest,
  requirements,
  withRequired,
  type WorkspacePackage,
} from './workspace-packages.js';

export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  /** Size of its files and of all its dependencies, as installed here. */
  readonly bytes: number;
  /** Whether the files include machine code or WebAssembly. */
  readonly native: boolean;
}

/** Sizes in bytes. */
export interface Sizes {
  readonly packed: number;
  readonly unpacked: number;
  /** Unpacked, including its dependencies in this workspace. */
  readonly withRequired: number;
  /** Third-party packages that npm also installs. */
  readonly required: readonly ThirdParty[];
  /** Optional peers, and other packages that its README installs. */
  readonly optional: readonly ThirdParty[];
}

const nativeFile = /\.(node|so|dylib|dll|wasm)(\.\d+)*$/;

export async function measureSizes(
  one: WorkspacePackage,
  packages: readonly WorkspacePackage[],
  tarballs: readonly Tarball[],
): Promise<Sizes> {
  const own = withRequired([one.manifest.name], packages);
  const tarballOf = ({ manifest }: WorkspacePackage) => tarballs.find(({ name }) => name === manifest.name)!;
  const isOwn = (name: string): boolean => packages.some(({ manifest }) => manifest.name === name);
  const required = own.flatMap(({ folder, manifest }) =>
    requirements(manifest).map((name) => ({ name, folder })),
  );
  const added = [...optionalPeers(one.manifest), ...namesToInstall(await readReadme(one))];
  const optional = [
    ...own.flatMap(({ folder, manifest }) =>
      optionalDependencies(manifest).map((name) => ({ name, folder })),
    ),
    ...added
      .filter((name) => required.every((one) => one.name !== name))
      .map((name) => ({ name, folder: one.folder })),
  ];
  const measured = (found: typeof optional): Promise<ThirdParty[]> => {
    const others = new Map(
      found.filter(({ name }) => !isOwn(name)).map(({ name, folder }) => [name, folder]),
    );
    return Promise.all([...others].map(([name, folder]) => measureThirdParty(name, folder)));
  };
  return {
    packed: tarballOf(one).packed,
    unpacked: tarballOf(one).unpacked,
    withRequired: own.reduce((bytes, each) => bytes + tarballOf(each).unpacked, 0),
    required: await measured(required),
    optional: await measured(optional),
  };
}

async function measureThirdParty(name: string, from: string): Promise<ThirdParty> {
  const folders = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    folders.add(folder);
    const manifest = await readManifest(folder);
    for (const required of requirements(manifest)) await visit(installedFolder(required, folder));
    for (const extra of optionalDependencies(manifest)) {
      const present = installedFolderIfAny(extra, folder); // npm installs only the packages of this platform
      if (present !== undefined) await visit(present);
    }
  };
  const folder = installedFolder(name, from);
  await visit(folder);
  const files = (await Promise.all([...folders].map(listFiles))).flat();
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    name,
    version: (await readManifest(folder)).version,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    native: files.some((file) => nativeFile.test(file)),
  };
}

function installedFolderIfAny(name: string, from: string): string | undefined {
  try {
    return installedFolder(name, from);
  } catch {
    return undefined;
  }
}

/** Files of a package, without packages that npm nested in it, which are visited separately. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}
