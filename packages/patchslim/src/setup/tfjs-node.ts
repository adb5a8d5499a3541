/**
 * Builds the native part of tfjs-node and tfjs-node-gpu from the package's own C++ sources and the library of a TensorFlow wheel.
 * Everything happens in a temporary folder in patchslim's cache, which is renamed at the end: a run that is killed leaves
 * nothing that counts as built. The package itself is not touched.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  addonFolderName,
  addonPath,
  addonsFolder,
  builtAddons,
  manifestName,
  shortName,
  type AddonManifest,
  type NativePackage,
} from '@patchslim/backend-tfjs/native-addon';
import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { makeTemporaryTree, renameFile, writeWhole } from '@patchslim/tensor/files';
import { compileAddon, tryAddon, type BuildTools } from './build-addon.js';
import { downloadWheels, givenWheels } from './fetch-wheels.js';
import { findPackage, type InstalledPackage } from './installed-package.js';
import { thisSystem, type System } from './platform.js';
import {
  checkWheel,
  cudaRequirements,
  headersOf,
  libraries,
  tensorflowVersion,
  wheelName,
} from './tensorflow-wheel.js';
import { findCompiler, findNodeHeaders, findPip, remedies, type Pip } from './tools.js';
import type { Unpacking } from './unpack.js';
import { openWheel, type Wheel } from './wheel.js';

export interface SetupOptions extends LongCallOptions {
  /** A wheel of TensorFlow, or a folder with it and NVIDIA's wheels (default: downloaded with pip). */
  readonly wheel?: string | undefined;
  /** Whether CUDA and cuDNN are those of the machine, and no wheels of NVIDIA are taken (default false). */
  readonly systemCuda?: boolean | undefined;
  /** Told what happens. */
  readonly note?: ((text: string) => void) | undefined;
}

export interface SetupResult {
  readonly folder: string;
  readonly manifest: AddonManifest;
  /** True when nothing was done. */
  readonly alreadyBuilt: boolean;
  /** Whether TensorFlow found a GPU; undefined when nothing was done. */
  readonly gpu?: boolean;
}

/**
 * Builds the addon of the installed package, unless it is built.
 *
 * @throws `BACKEND_UNAVAILABLE` for a system that is not supported, a package, compiler or headers that are missing, and an addon that
 *   does not compile or load; `DOWNLOAD_FAILED` without pip or network; `NOT_FOUND` and `INVALID_ARGUMENT` for a wheel that
 *   does not fit; `IO_FAILED` when the cache cannot be written; `ABORTED`
 */
export async function setupTfjsNode(name: NativePackage, options: SetupOptions = {}): Promise<SetupResult> {
  const where = `setup ${shortName(name)}`;
  const system = thisSystem(where);
  const installed = await findPackage(name);
  if (options.wheel === undefined) {
    const found = await findBuilt(installed);
    if (found) return found;
  }
  const given = options.wheel === undefined ? undefined : await givenWheels(where, options.wheel);
  if (given) {
    const wheel = await openWheel(where, given[0]!);
    try {
      await checkWheel(installed, wheel, system);
      const found = await findBuilt(installed, wheel.version);
      if (found) return found;
    } finally {
      wheel.close();
    }
  }
  const tools = await findTools(where, installed, given === undefined, system);
  const tree = await makeTemporaryTree(where, await addonsFolder());
  try {
    const job: Job = { where, system, installed, tools, tree, options };
    const paths =
      given ?? (await download(job, [`${wheelName(isGpu(installed), system)}==${tensorflowVersion}`]));
    return await build(job, paths, given !== undefined);
  } finally {
    await rm(tree, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined); // the next run removes it
  }
}

/**
 * Removes everything that was built for a package.
 *
 * @returns the folders that were removed
 * @throws `IO_FAILED`
 */
export async function removeTfjsNode(name: NativePackage): Promise<readonly string[]> {
  const root = await addonsFolder();
  const pattern = new RegExp(`^${shortName(name)}-\\d`); // tfjs-node is also the beginning of tfjs-node-gpu
  const names = (await readdir(root).catch(() => [])).filter((each) => pattern.test(each));
  for (const each of names) await removeFolder(`setup ${shortName(name)}`, join(root, each));
  return names.map((each) => join(root, each));
}

/** What all steps of a build work with. */
interface Job {
  readonly where: string;
  readonly system: System;
  readonly installed: InstalledPackage;
  readonly tools: BuildTools & { readonly pip: Pip | undefined };
  /** The temporary folder. */
  readonly tree: string;
  readonly options: SetupOptions;
}

const isGpu = ({ name }: InstalledPackage): boolean => name.endsWith('-gpu');

/** @param tensorflow a version that it must be for; any when left out */
async function findBuilt(installed: InstalledPackage, tensorflow?: string): Promise<SetupResult | undefined> {
  const found = (await builtAddons(installed.name)).find(
    ({ manifest }) =>
      manifest.packageVersion === installed.version &&
      manifest.napi <= installed.napi &&
      (tensorflow === undefined || manifest.tensorflow === tensorflow),
  );
  if (!found) return undefined;
  return { folder: dirname(dirname(found.path)), manifest: found.manifest, alreadyBuilt: true };
}

/** @throws `BACKEND_UNAVAILABLE` or, for pip alone, `DOWNLOAD_FAILED`, with all that is missing */
async function findTools(
  where: string,
  installed: InstalledPackage,
  needsPip: boolean,
  system: System,
): Promise<Job['tools']> {
  const [compiler, nodeHeaders, pip] = await Promise.all([findCompiler(), findNodeHeaders(), findPip()]);
  const missing = [
    ...(compiler === undefined ? [remedies.compiler] : []),
    ...(nodeHeaders === undefined ? [remedies.headers] : []),
  ];
  const lacksPip = needsPip && pip === undefined;
  const wheel = `${wheelName(isGpu(installed), system)}==${tensorflowVersion}`;
  const all = [...missing, ...(lacksPip ? [remedies.pip(wheel)] : [])];
  if (all.length > 0) {
    const code = missing.length > 0 ? 'BACKEND_UNAVAILABLE' : 'DOWNLOAD_FAILED';
    throw new PatchslimError(code, `${where} needs ${all.join(', and ')}`, { missing: all });
  }
  return { compiler: compiler!, nodeHeaders: nodeHeaders!, pip };
}

async function download(job: Job, requirements: readonly string[]): Promise<readonly string[]> {
  const { where, system, tools, tree, options } = job;
  options.note?.(`downloading ${requirements.join(', ')} from PyPI`);
  const folder = join(tree, `wheels-${randomUUID()}`);
  return downloadWheels(where, tools.pip!, system, folder, requirements, options.signal);
}

async function build(job: Job, [first, ...others]: readonly string[], given: boolean): Promise<SetupResult> {
  const { where, installed, system, tools, tree, options } = job;
  const wheel = await openWheel(where, first!);
  let manifest: AddonManifest;
  try {
    const cuda = await checkWheel(installed, wheel, system);
    manifest = {
      format: 1,
      package: installed.name,
      packageVersion: installed.version,
      tensorflow: wheel.version,
      cuda,
      platform: system.platform,
      napi: installed.napi,
      built: new Date().toISOString(),
    };
    options.note?.(`unpacking TensorFlow ${wheel.version}`);
    const files = [...libraries, ...(await headersOf(wheel, installed.sources))];
    await wheel.unpack(
      files.map((file): Unpacking => [file, join(tree, file)]),
      options,
    );
    if (cuda && !options.systemCuda) {
      const paths = given ? others : await download(job, cudaRequirements(wheel));
      await unpackCuda(job, paths, cudaRequirements(wheel));
    }
  } finally {
    wheel.close();
  }
  options.note?.(`compiling the addon of ${installed.name} ${installed.version} with ${tools.compiler}`);
  const addon = join(tree, addonPath);
  await compileAddon(installed, tools, tree, addon, options.signal);
  const { tensorflow, gpu, remarks } = await tryAddon(where, addon, options.signal);
  if (tensorflow !== manifest.tensorflow) {
    const message = `${where}: the addon loads TensorFlow ${tensorflow}, not ${manifest.tensorflow} that it was built for; is LD_LIBRARY_PATH set?`;
    throw new PatchslimError('BACKEND_UNAVAILABLE', message);
  }
  if (isGpu(installed) && !gpu) {
    options.note?.(['the addon loads; TensorFlow finds no CUDA device here', ...remarks].join('\n  '));
  }
  await writeWhole(where, join(tree, manifestName), [`${JSON.stringify(manifest, null, 2)}\n`]);
  throwIfAborted(options.signal, where);
  const folder = await moveIntoPlace(job, manifest);
  return { folder, manifest, alreadyBuilt: false, gpu };
}

/** NVIDIA's libraries, in the place relative to TensorFlow's where these look for them. */
async function unpackCuda(job: Job, paths: readonly string[], wanted: readonly string[]): Promise<void> {
  const { where, tree, options } = job;
  const open: Wheel[] = [];
  try {
    for (const path of paths.filter((each) => basename(each).startsWith('nvidia_'))) open.push(await openWheel(where, path)); // prettier-ignore
    const absent = wanted.filter((line) => !open.some(({ name }) => name === /^[\w.-]+/.exec(line)![0]));
    if (absent.length > 0) {
      const remedy =
        'download them into the folder that --wheel names, or use the CUDA of the machine with --system-cuda';
      throw new PatchslimError('NOT_FOUND', `${where}: wheels are missing: ${absent.join(', ')}; ${remedy}`, { absent }); // prettier-ignore
    }
    for (const wheel of open) {
      options.note?.(`unpacking ${wheel.name} ${wheel.version}`);
      const files = wheel.files.filter((file) => /^nvidia\/\w+\/lib\/[^/]+\.so[.\d]*$/.test(file));
      await wheel.unpack(
        files.map((file): Unpacking => [file, join(tree, file)]),
        options,
      );
    }
  } finally {
    for (const wheel of open) wheel.close();
  }
}

/** Leaves out what only the build needed. A folder that another run has put there in the meantime stays. */
async function moveIntoPlace({ where, tree }: Job, manifest: AddonManifest): Promise<string> {
  const root = await addonsFolder();
  const folder = join(root, addonFolderName(manifest));
  const spare = (await readdir(tree)).filter((name) => name.startsWith('wheels-'));
  for (const each of [...spare, 'tensorflow/include'])
    await rm(join(tree, each), { recursive: true, force: true });
  const older = (await builtAddons(manifest.package)).filter(
    (each) =>
      each.manifest.packageVersion === manifest.packageVersion &&
      each.manifest.platform === manifest.platform,
  );
  try {
    await mkdir(root, { recursive: true });
    await renameFile(tree, folder);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') {
      throw new PatchslimError('IO_FAILED', `${where}: cannot rename ${tree} to ${folder}: ${message}`, { folder }, cause); // prettier-ignore
    }
  }
  for (const each of older) {
    const other = dirname(dirname(each.path));
    if (other !== folder) await removeFolder(where, other);
  }
  return folder;
}

/** Renames first: what is left of a removal that is killed does not count as built, and the next build removes it. */
async function removeFolder(where: string, folder: string): Promise<void> {
  try {
    const tree = await makeTemporaryTree(where, dirname(folder));
    await renameFile(folder, join(tree, 'removed'));
    await rm(tree, { recursive: true, force: true, maxRetries: 5 });
  } catch (cause) {
    if (cause instanceof PatchslimError) throw cause;
    const message = `${where}: cannot remove ${folder}: ${(cause as Error).message}`;
    throw new PatchslimError('IO_FAILED', message, { folder }, cause);
  }
}
