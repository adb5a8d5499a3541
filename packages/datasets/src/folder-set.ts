/** An image folder as a model sees it. */

import type { Checkpoint } from '@patchslim/vit-models';
import type { ImageBatchOptions } from './batches.js';
import { checkLabels } from './check-labels.js';
import type { ImageFolder } from './image-layout.js';
import { matchClasses } from './match-classes.js';
import { imageSet, type ImageSet } from './image-set.js';

/**
 * The images of a folder, decoded for a model each time that they are asked for. Class folders become the model's classes as
 * `matchClasses` finds them.
 *
 * @param decoding `corrupt: 'skip'` leaves out files that cannot be decoded, and tells `onSkip`
 * @throws `DATA_INVALID` for a label that the model has no class for, and as `matchClasses`
 * @example
 * const images = folderSet(await openImageFolder('photos'), model);
 */
export function folderSet(
  folder: ImageFolder,
  model: Pick<Checkpoint, 'config' | 'preprocessing' | 'labels'>,
  decoding: Pick<ImageBatchOptions, 'corrupt' | 'onSkip' | 'concurrency'> = {},
): ImageSet {
  const matched = matchClasses(folder, model);
  checkLabels(matched, model.config);
  return imageSet(matched.name, matched.examples, model.preprocessing, decoding);
}
