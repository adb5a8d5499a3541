/** Files in which a run notes how far it is: where they are, whether one is there, and whether it is that of the same run. */

import { contentKeyOf, type ImageSet } from '@patchslim/datasets';
import { isPatchslimError, PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { fileSource, type ByteSource, type VitModel } from '@patchslim/vit-models';
import { version } from './version.js';

/**
 * Names a run by all that its results depend on: the model and its backend, the content of the images, and options. What
 * sets and folders are called plays no part.
 *
 * @param options plain JSON
 * @throws what reading the images throws; ABORTED
 */
export async function keyOfRun(
  { fingerprint, config, backend }: VitModel,
  sets: readonly (ImageSet | undefined)[],
  options: readonly unknown[],
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<string> {
  const content: (string | null)[] = [];
  for (const set of sets) content.push(set ? await contentKeyOf(set, { signal }) : null);
  return JSON.stringify([version, fingerprint, config.layerNormEps, backend.name, content, options]);
}

/** @throws IO_FAILED */
export async function makeFolder(where: string, folder: string): Promise<void> {
  const fs = await nodeFs();
  await fs.mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    const message = `${where}: cannot make '${folder}': ${String(cause)}`;
    throw new PatchslimError('IO_FAILED', message, { folder }, cause);
  });
}

/** Opens a file, if there is one. */
export function openIfThere(path: string): Promise<ByteSource | undefined> {
  return fileSource(path).catch((error: unknown) => {
    if (isPatchslimError(error, 'NOT_FOUND')) return undefined;
    throw error;
  });
}

/** @throws INVALID_ARGUMENT when what was found is not the key of this run */
export function requireSameRun(path: string, key: string, found: string | undefined): void {
  if (found === key) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `'${path}' belongs to a run with other settings, images or weights that was cut off: repeat that run to go on, or remove the file to begin anew`,
    { path, expected: key, found },
  );
}

/**
 * Removes files of a run that has ended, and their folder if nothing else is in it.
 *
 * @param where what errors name as the caller
 * @throws IO_FAILED
 */
export async function removeSaved(where: string, folder: string, names: readonly string[]): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  let removed = 0;
  for (const name of names) {
    try {
      await fs.unlink(path.join(folder, name));
      removed++;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      const message = `${where}: cannot remove '${name}' from '${folder}': ${String(cause)}`;
      throw new PatchslimError('IO_FAILED', message, { folder, name }, cause);
    }
  }
  if (removed > 0) await fs.rmdir(folder).catch(() => undefined); // it stays with whatever else is in it
}
