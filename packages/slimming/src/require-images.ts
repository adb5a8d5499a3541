/** A pass over images that met none is an error. */

import { PatchslimError } from '@patchslim/tensor';

/** Throws `DATA_INVALID` when there was no image: of nothing there is no mean and no share. */
export function requireImages(count: number, where: string): void {
  if (count === 0)
    throw new PatchslimError('DATA_INVALID', `${where}: expected at least one image, got none`);
}
