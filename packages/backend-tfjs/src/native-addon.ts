/**
 * Addons of `@tensorflow/tfjs-node` and `-gpu` that `patchslim setup` built: where they lie, and what they were built from. Nothing
 * is written into the packages.
 */

import { PatchslimError } from '@patchslim/tensor';
import { cacheFolder, nodeFs, nodePath, systemName } from '@patchslim/tensor/files';

/** A package of TensorFlow.js with a native part. */
export type NativePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** What `manifest.json` beside a built addon says. */
export interface AddonManifest {
  /** Of this record. */
  readonly format: 1;
  readonly package: NativePackage;
  readonly packageVersion: string;
  /** Version of TensorFlow whose library the addon uses. */
  readonly tensorflow: string;
  /** Versions of CUDA and cuDNN that TensorFlow was built for; null for the CPU. */
  readonly cuda: { readonly version: string; readonly cudnn: string } | null;
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** Version of Node-API that the addon needs at least. */
  readonly napi: number;
  /** ISO date. */
  readonly built: string;
}

/** A built addon that fits the installed package. */
export interface BuiltAddon {
  /** Path of the addon. */
  readonly path: string;
  readonly manifest: AddonManifest;
}

/** Path of the addon within its folder. TensorFlow's libraries lie beside it, NVIDIA's in `nvidia` above. */
export const addonPath = 'tensorflow/tfjs_binding.node';

/** Name of the record in the folder of an addon. */
export const manifestName = 'manifest.json';

/** The name of a package without its scope: `tfjs-node`. Names of folders and the argument of `patchslim setup`. */
export const shortName = (name: NativePackage): string => name.slice('@tensorflow/'.length);

/** The folder that has one folder per built addon: `tfjs-node` in patchslim's cache. */
export async function addonsFolder(): Promise<string> {
  return (await nodePath()).join(await cacheFolder(), 'tfjs-node');
}

/** Name of the folder of an addon; different for everything that an addon depends on. */
export function addonFolderName(manifest: Omit<AddonManifest, 'built'>): string {
  const { package: name, packageVersion, tensorflow, platform, napi } = manifest;
  return [shortName(name), packageVersion, 'tensorflow', tensorflow, platform, `napi${napi}`].join('-');
}

/**
 * All addons that were built for a package, for any version of it; the newest first. Folders without a readable manifest count as
 * not there.
 */
export async function builtAddons(name: NativePackage): Promise<readonly BuiltAddon[]> {
  const [fs, path, folder] = await Promise.all([nodeFs(), nodePath(), addonsFolder()]);
  const names = await fs.readdir(folder).catch(() => [] as string[]);
  const found = await Promise.all(
    names
      .filter((each) => !each.startsWith('.'))
      .map(async (each): Promise<BuiltAddon | undefined> => {
        const manifest = await readManifest(path.join(folder, each, manifestName));
        return manifest && { path: path.join(folder, each, ...addonPath.split('/')), manifest };
      }),
  );
  return found
    .filter((each) => each !== undefined)
    .filter(({ manifest }) => manifest.package === name && manifest.platform === systemName())
    .toSorted((a, b) => (a.manifest.built < b.manifest.built ? 1 : -1));
}

/**
 * The addon that was built for this version of the package; undefined when none was built for any version.
 * @throws `BACKEND_UNAVAILABLE` when addons were built for other versions only
 */
export async function findBuiltAddon(name: NativePackage, version: string): Promise<BuiltAddon | undefined> {
  const all = await builtAddons(name);
  const fitting = all.find(({ manifest }) => manifest.packageVersion === version && runsHere(manifest));
  if (fitting || all.length === 0) return fitting;
  const { packageVersion, napi } = all[0]!.manifest;
  throw new PatchslimError(
    'BACKEND_UNAVAILABLE',
    `${shortName(name)}: the addon was built for ${name} ${packageVersion} and Node-API ${napi}, but ${version} is installed ` +
      `and Node has ${process.versions['napi']}; build it anew: npx patchslim setup ${shortName(name)}`,
    { built: packageVersion, installed: version },
  );
}

/** Node-API only grows: an addon runs on its version and every later one. */
const runsHere = ({ napi }: AddonManifest): boolean => napi <= Number(process.versions['napi']);

async function readManifest(file: string): Promise<AddonManifest | undefined> {
  try {
    const value = JSON.parse(await (await nodeFs()).readFile(file, 'utf8')) as Partial<AddonManifest> | null;
    const texts = [value?.package, value?.packageVersion, value?.tensorflow, value?.platform, value?.built];
    const complete = texts.every((text) => typeof text === 'string') && typeof value?.napi === 'number';
    return value?.format === 1 && complete ? (value as AddonManifest) : undefined;
  } catch {
    return undefined;
  }
}
