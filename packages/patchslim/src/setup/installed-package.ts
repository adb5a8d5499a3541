/** The installed package whose addon is to be built, and the C++ sources that it ships. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';
import { shortName, type NativePackage } from '@patchslim/backend-tfjs/native-addon';

export interface InstalledPackage {
  readonly name: NativePackage;
  readonly version: string;
  readonly folder: string;
  /** Paths of the C++ files to compile. */
  readonly sources: readonly string[];
  /** The newest version of Node-API that the package and this Node know. */
  readonly napi: number;
}

/**
 * Finds a package as the working directory sees it, else as patchslim does.
 *
 * @throws `BACKEND_UNAVAILABLE` when it is not installed, or ships no sources
 */
export async function findPackage(name: NativePackage): Promise<InstalledPackage> {
  const where = `setup ${shortName(name)}`;
  const file = resolveFrom([join(process.cwd(), 'package.json'), import.meta.url], `${name}/package.json`);
  if (file === undefined) {
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${where}: ${name} is not installed here; install it with: npm install ${name} --ignore-scripts`,
    );
  }
  const folder = dirname(file);
  const { version, binary } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly version: string;
    readonly binary?: { readonly napi_versions?: readonly number[] };
  };
  const known = (binary?.napi_versions ?? []).filter((napi) => napi <= Number(process.versions['napi']));
  const sources = await listSources(folder);
  if (sources.length === 0 || known.length === 0) {
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${where}: ${name} ${version} in ${folder} has no C++ sources that its binding.gyp names, or no Node-API version; version 4.22.0 has`,
      { folder, version },
    );
  }
  return { name, version, folder, sources, napi: Math.max(...known) };
}

/** The files that `binding.gyp` lists; none if one of them is missing. */
async function listSources(folder: string): Promise<readonly string[]> {
  const gyp = await readFile(join(folder, 'binding.gyp'), 'utf8').catch(() => '');
  const list = /'sources'\s*:\s*\[([^\]]*)\]/.exec(gyp)?.[1] ?? '';
  const files = [...list.matchAll(/'([^']+)'/g)].map(([, file]) => join(folder, file!));
  return files.every((file) => existsSync(file)) ? files : [];
}

/** The path of a module, seen from the first of several files that finds it. */
export function resolveFrom(from: readonly string[], module: string): string | undefined {
  for (const file of from) {
    try {
      return createRequire(file).resolve(module);
    } catch {
      continue; // the next may have it
    }
  }
  return undefined;
}
