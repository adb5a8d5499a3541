/** Divides images: those that learn or calibrate never choose, and those that choose never judge. */

import { splitExamples, subset, type ImageSet } from '@patchslim/datasets';
import { PatchslimError, range } from '@patchslim/tensor';

/** Images in two parts. */
export interface ImageParts {
  readonly calibrate: ImageSet;
  /** Of them something is chosen: a method, counts, an epoch. */
  readonly choose: ImageSet;
}

/**
 * A share of the images, at least one, is drawn to choose; the others calibrate.
 *
 * @param purpose of the choice, for the error
 * @param least images that are needed
 * @throws DATA_INVALID for less than `least` images
 */
export function splitImages(
  images: ImageSet,
  { share, seed, purpose, least = 2 }: { share: number; seed: number; purpose: string; least?: number },
): ImageParts {
  const { count, name } = images;
  if (count < least) {
    throw new PatchslimError(
      'DATA_INVALID',
      `${purpose}: expected at least ${least} images of '${name}' to calibrate and choose with, got ${count}; give more images, or let more of them calibrate`,
      { images: count, least },
    );
  }
  const { chosen, rest } = splitExamples(range(count), Math.max(1, Math.round(count * share)), seed);
  return { calibrate: subset(images, rest), choose: subset(images, chosen) };
}
