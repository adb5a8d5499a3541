/** A pass over no images is an error. */

import { skippedText, type ImageSet } from '@patchslim/datasets';
import { PatchslimError } from '@patchslim/tensor';

/**
 * Throws `DATA_INVALID` when there was no image: a mean or share of nothing is undefined.
 * @param images the set; the error lists its skipped files
 */
export function requireImages(count: number, where: string, images?: ImageSet): void {
  if (count > 0) return;
  const missing = images ? skippedText(images) : '';
  throw new PatchslimError('DATA_INVALID', `${where}: expected at least one image, got none${missing}`);
}
