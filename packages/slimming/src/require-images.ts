/** A pass over images that met none is an error. */

import { skippedText, type ImageSet } from '@patchslim/datasets';
import { PatchslimError } from '@patchslim/tensor';

/**
 * Throws `DATA_INVALID` when there was no image: of nothing there is no mean and no share.
 * @param images the set: the error names files that were left out of it
 */
export function requireImages(count: number, where: string, images?: ImageSet): void {
  if (count > 0) return;
  const missing = images ? skippedText(images) : '';
  throw new PatchslimError('DATA_INVALID', `${where}: expected at least one image, got none${missing}`);
}
