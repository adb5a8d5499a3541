/** Splits images: images for calibration or training never choose, and images for choosing never evaluate. */

import { splitExamples, subset, type ImageSet } from '@patchslim/datasets';
import { PatchslimError, range } from '@patchslim/tensor';

/** Images in two parts. */
export interface ImageParts {
  readonly calibrate: ImageSet;
  /** Images that choose a method, counts or an epoch. */
  readonly choose: ImageSet;
}

/**
 * Draws a share of the images, at least one, to choose; the others calibrate.
 *
 * @param purpose of the choice, for the error
 * @param least number of images needed
 * @throws DATA_INVALID for fewer than `least` images
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
