/** Whether two preprocessings do the same. */

import type { Preprocessing } from '../../preprocessing.js';

/** Fields that have no effect are left out of account: the rounding of margins where nothing is cut, and such. */
export function samePreprocessing(a: Preprocessing, b: Preprocessing): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(preprocessing: Preprocessing): unknown[] {
  const { height, width, resize, interpolation, fill, rounding, rescale, mean, std } = preprocessing;
  const isWhole = resize.to === 'exact' && resize.height === height && resize.width === width;
  const crop = preprocessing.crop && !isWhole;
  return [
    ...[height, width, crop, rescale, mean, std],
    Object.entries(resize).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    resize.to === 'none' ? undefined : interpolation,
    crop ? fill : undefined,
    crop || resize.to === 'longest' ? rounding : undefined,
  ];
}
