/** Runs `npm pack` on every package, to get the same files as users from the registry. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing';
import { runProgram } from './run-program.js';
import { root, type WorkspacePackage } from './workspace-packages.js';

export interface Tarball {
  /** `@patchslim/tensor` */
  readonly name: string;
  readonly path: string;
  /** Bytes of the tarball. */
  readonly packed: number;
  /** Bytes of its contents. */
  readonly unpacked: number;
  /** Paths in the package. */
  readonly files: readonly string[];
}

interface PackReport {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs built packages into a folder. Nothing is downloaded. */
export async function packPackages(
  packages: readonly WorkspacePackage[],
  folder: string,
): Promise<Tarball[]> {
  await mkdir(folder, { recursive: true });
  const folders = packages.map(({ id }) => `./packages/${id}`);
  const npm = npmCommand(['pack', ...folders, '--json', '--ignore-scripts', '--pack-destination', folder]);
  const { stdout } = await runProgram(npm.program, npm.args, root);
  return (JSON.parse(stdout) as PackReport[]).map(({ name, filename, size, unpackedSize, files }) => ({
    name,
    path: join(folder, filename),
    packed: size,
    unpacked: unpackedSize,
    files: files.map(({ path }) => path),
  }));
}
