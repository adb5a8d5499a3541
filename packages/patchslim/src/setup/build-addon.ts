/** Compiles the addon of a package, and tries it in a process of its own. */

import { join } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';
import { shortName } from '@patchslim/backend-tfjs/native-addon';
import type { InstalledPackage } from './installed-package.js';
import { lastWords, runProgram } from './run-program.js';
import { libraries } from './tensorflow-wheel.js';

export interface BuildTools {
  readonly compiler: string;
  /** Folder of `node_api.h`. */
  readonly nodeHeaders: string;
}

/**
 * Compiles and links the addon against the libraries and headers of TensorFlow in `folder`. It finds the libraries beside itself.
 *
 * @param addon path of the result
 * @throws `BACKEND_UNAVAILABLE` with the last lines of the compiler
 */
export async function compileAddon(
  { name, sources, napi, version }: InstalledPackage,
  { compiler, nodeHeaders }: BuildTools,
  folder: string,
  addon: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const args = [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${napi}`],
    ...['-I', join(folder, 'tensorflow', 'include'), '-I', nodeHeaders],
    ...sources,
    ...libraries.map((library) => join(folder, library)),
    ...['-Wl,-rpath,$ORIGIN', '-o', addon],
  ];
  const ended = await runProgram(compiler, args, { signal });
  if (ended.status === 0) return;
  throw new PatchslimError(
    'BACKEND_UNAVAILABLE',
    `setup ${shortName(name)}: ${compiler} cannot build the addon of ${name} ${version}: ${lastWords(ended)}`,
    { compiler },
  );
}

/** What an addon says once it is loaded. */
export interface LoadedAddon {
  /** Version of TensorFlow. */
  readonly tensorflow: string;
  /** Whether TensorFlow found a GPU that it can use. */
  readonly gpu: boolean;
  /** What TensorFlow said of GPUs. */
  readonly remarks: readonly string[];
}

const trial = `
const addon = { exports: {} };
process.dlopen(addon, process.argv[1]);
const { TF_Version: tensorflow, isUsingGpuDevice } = addon.exports;
console.log(JSON.stringify({ tensorflow, gpu: isUsingGpuDevice() }));
`;

/**
 * Loads an addon in another process, because this one could not load a second.
 *
 * @throws `BACKEND_UNAVAILABLE` when it does not load
 */
export async function tryAddon(where: string, addon: string, signal?: AbortSignal): Promise<LoadedAddon> {
  const ended = await runProgram(process.execPath, ['-e', trial, addon], { signal });
  if (ended.status !== 0) {
    const message = `${where}: the addon was built, but does not load: ${lastWords(ended)}`;
    throw new PatchslimError('BACKEND_UNAVAILABLE', message);
  }
  const { tensorflow, gpu } = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as LoadedAddon;
  const remarks = ended.stderr
    .split('\n')
    .filter((line) => /cuda|gpu|dlopen/i.test(line) && /^[WE]\d/.test(line));
  return { tensorflow, gpu, remarks: remarks.map((line) => line.replace(/^.*?\] /, '')) };
}
