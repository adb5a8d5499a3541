/** An image folder as a model sees it. */

import type { Checkpoint } from '@patchslim/vit-models';
import type { ImageBatchOptions } from './batches.js';
import { checkLabels } from './check-labels.js';
import type { ImageFolder } from './image-layout.js';
import { imageSet, type ImageSet } from './image-set.js';

/**
 * The images of a folder, decoded for a model each time that they are asked for.
 *
 * @param decoding `corrupt: 'skip'` leaves out files that cannot be decoded, and tells `onSkip`
 * @throws `DATA_INVALID` for a label that the model has no class for
 * @example
 * const images = folderSet(await openImageFolder('photos'), model);
 */
export function folderSet(
  folder: ImageFolder,
  { config, preprocessing }: Pick<Checkpoint, 'config' | 'preprocessing'>,
  decoding: Pick<ImageBatchOptions, 'corrupt' | 'onSkip' | 'concurrency'> = {},
): ImageSet {
  checkLabels(folder, config.classes);
  return imageSet(folder.name, folder.examples, preprocessing, decoding);
}
