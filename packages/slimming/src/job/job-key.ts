/** Names a job by the content of all that its results depend on. */

import { contentKeyOf, type ImageSet } from '@patchslim/datasets';
import type { LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { version } from '../version.js';

/**
 * The model and its backend, the content of the images, and options. The names of sets and folders play no part.
 *
 * @param options plain JSON
 * @throws what reading the images throws; ABORTED
 */
export async function jobKey(
  { fingerprint, config, backend }: VitModel,
  images: ImageSet | undefined,
  options: readonly unknown[],
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<string> {
  const content = images ? await contentKeyOf(images, { signal }) : null;
  return JSON.stringify([version, fingerprint, config.layerNormEps, backend.name, content, options]);
}
