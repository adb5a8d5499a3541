/** What a wheel of TensorFlow must have, and what a build takes from it. */

import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';
import { shortName } from '@patchslim/backend-tfjs/native-addon';
import type { InstalledPackage } from './installed-package.js';
import { fitsSystem, type System } from './platform.js';
import type { Wheel } from './wheel.js';

/** The version that is downloaded: the one that the tests of patchslim ran with. */
export const tensorflowVersion = '2.21.0';

/** The libraries, beside which the addon is put. */
export const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];

/** Versions of CUDA and cuDNN that a wheel was built for. */
export interface CudaVersions {
  readonly version: string;
  readonly cudnn: string;
}

/** The name on PyPI; for ARM there is one wheel, for the CPU. */
export const wheelName = (onGpu: boolean, { machine }: System): string =>
  onGpu || machine === 'aarch64' ? 'tensorflow' : 'tensorflow-cpu';

/**
 * Checks that a wheel is TensorFlow for this system, with its libraries, and for CUDA if that is wanted.
 *
 * @returns the versions of CUDA, null for the CPU
 * @throws `INVALID_ARGUMENT`
 */
export async function checkWheel(
  { name }: InstalledPackage,
  wheel: Wheel,
  system: System,
): Promise<CudaVersions | null> {
  const onGpu = name.endsWith('-gpu');
  const wanted = `expected ${wheelName(onGpu, system)} ${tensorflowVersion} for ${system.platform}`;
  const refuse = (what: string): PatchslimError =>
    new PatchslimError('INVALID_ARGUMENT', `setup ${shortName(name)}: ${wheel.path} ${what}; ${wanted}`, {
      path: wheel.path,
    });
  if (!/^tensorflow(-|$)/.test(wheel.name)) throw refuse(`is a wheel of ${wheel.name || 'nothing'}`);
  if (!fitsSystem(wheel.tags, system)) {
    throw refuse(
      `is for another system (${wheel.tags.join(', ')}) than this one with glibc 2.${system.glibc}`,
    );
  }
  const absent = libraries.filter((file) => !wheel.files.includes(file));
  if (absent.length > 0) throw refuse(`has no ${absent.join(' and no ')}`);
  const cuda = await readCuda(wheel);
  if (onGpu && !cuda) throw refuse('was built without CUDA');
  return onGpu ? cuda : null;
}

/** From the record of TensorFlow's build; null without CUDA. */
async function readCuda(wheel: Wheel): Promise<CudaVersions | null> {
  const info = (await wheel.read('tensorflow/python/platform/build_info.py')) ?? '';
  const [version, cudnn] = ['cuda_version', 'cudnn_version'].map(
    (key) => new RegExp(`'${key}', '([\\d.]+)'`).exec(info)?.[1],
  );
  return version !== undefined && cudnn !== undefined ? { version, cudnn } : null;
}

/** Requirements of a wheel on NVIDIA's libraries, as pip takes them: `nvidia-cudnn-cu12<10.0,>=9.3.0.75`. */
export const cudaRequirements = ({ requirements }: Wheel): readonly string[] =>
  requirements.flatMap((line) => {
    const [requirement, marker = ''] = line.split(';');
    return marker.includes('and-cuda') && requirement!.startsWith('nvidia-') ? [requirement!.trim()] : [];
  });

const includeFolder = 'tensorflow/include/';

/** The headers that C++ files include, and those that these include: paths in the wheel. */
export async function headersOf(wheel: Wheel, sources: readonly string[]): Promise<readonly string[]> {
  const present = new Set(wheel.files);
  const found = new Set<string>();
  const look = async (content: string, folder: string): Promise<void> => {
    for (const [, name] of content.matchAll(/^\s*#\s*include\s*["<]([^">]+)[">]/gm)) {
      const header = [posix.join(folder, name!), includeFolder + name!].find((file) => present.has(file));
      if (header === undefined || found.has(header)) continue; // of the system, or of the package itself
      found.add(header);
      await look((await wheel.read(header))!, posix.dirname(header));
    }
  };
  for (const source of sources) await look(await readFile(source, 'utf8'), includeFolder);
  return [...found];
}
