/** The packages as a user imports them: every package of the repository, and every address in its `exports`. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../markdown/repository.js';

export interface EntryPoint {
  /** As it stands in an import: `@patchslim/tensor/reference`. */
  readonly specifier: string;
  /** Its source file. */
  readonly file: string;
}

export interface PackageEntries {
  /** Folder in `packages`, and name of the page. */
  readonly folder: string;
  readonly description: string;
  /** The package itself first, then its subpaths in the order of `exports`. */
  readonly entries: readonly EntryPoint[];
}

interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly exports: Readonly<Record<string, string | { readonly '@patchslim/source': string }>>;
}

/** All packages, by name: `patchslim` comes last, so that a name it passes on is explained by the package it is from. */
export async function packageEntries(): Promise<PackageEntries[]> {
  const folders = await readdir(join(root, 'packages'));
  const present = folders.filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')));
  const packages = await Promise.all(
    present.map(async (folder) => {
      const file = join(root, 'packages', folder, 'package.json');
      const { name, description, exports } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
      const entries = Object.entries(exports).flatMap(([subpath, target]) =>
        typeof target === 'string'
          ? []
          : [
              {
                specifier: name + subpath.slice(1),
                file: join(root, 'packages', folder, target['@patchslim/source']),
              },
            ],
      );
      return { folder, description, entries };
    }),
  );
  const byName = (a: PackageEntries, b: PackageEntries) => (nameOf(a) < nameOf(b) ? -1 : 1);
  return packages.toSorted(byName);
}

const nameOf = ({ entries }: PackageEntries): string => entries[0]!.specifier;
