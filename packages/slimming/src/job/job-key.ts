/** Key of a job: a text with everything that its results depend on. */

import { contentKeyOf, type ImageSet } from '@patchslim/datasets';
import type { LongCallOptions } from '@patchslim/tensor';
import { headActivation, type VitModel } from '@patchslim/vit-models';
import { version } from '../version.js';

/**
 * Made from the model and its backend, the content of the images, and options. Names of sets and folders do not
 * matter.
 *
 * @param options plain JSON
 * @throws errors of reading the images; ABORTED
 */
export async function jobKey(
  { fingerprint, config, backend }: VitModel,
  images: ImageSet | undefined,
  options: readonly unknown[],
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<string> {
  const content = images ? await contentKeyOf(images, { signal }) : null;
  const { layerNormEps } = config; // no part of the fingerprint, and neither is what the logits mean
  const model = [fingerprint, layerNormEps, headActivation(config)];
  return JSON.stringify([version, model, backend.name, content, options]);
}
