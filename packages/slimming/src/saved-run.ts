/** Files in which a run notes how far it is: where they are, whether one is there, and whether it is that of the same run. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import { fileSource, type ByteSource } from '@patchslim/vit-models';

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
    `'${path}' belongs to a run with other settings that was cut off: repeat these to go on, or remove it to begin anew`,
    { path, expected: key, found },
  );
}
