/** A preprocessing in one line, for people. */

import type { PerChannel, Preprocessing } from './preprocessing.js';

/**
 * Every step, in the order in which they are done.
 *
 * @example
 * describePreprocessing(deitPreprocessing(224));
 * // 'shorter side to 256 (bicubic), centre crop 224 × 224, × 1/255, mean 0.485 0.456 0.406, std 0.229 0.224 0.225'
 */
export function describePreprocessing(preprocessing: Preprocessing): string {
  const { mean, std, rescale } = preprocessing;
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  return [
    resizeStep(preprocessing),
    cropStep(preprocessing),
    rescale === 1 ? 'bytes not rescaled' : `× ${rescale === 1 / 255 ? '1/255' : String(rescale)}`,
    ...(plain ? ['not normalised'] : [`mean ${channels(mean)}`, `std ${channels(std)}`]),
  ].join(', ');
}

function resizeStep({ resize, interpolation }: Preprocessing): string {
  switch (resize.to) {
    case 'none':
      return 'no resize';
    case 'exact':
      return `${resize.height} × ${resize.width} whatever the shape (${interpolation})`;
    case 'longest':
      return `longer side to ${resize.size} (${interpolation})`;
    case 'shortest': {
      const cap = resize.longest === undefined ? '' : `, longer side at most ${resize.longest}`;
      return `shorter side to ${resize.size}${cap} (${interpolation})`;
    }
  }
}

function cropStep({ resize, crop, fill, height, width }: Preprocessing): string {
  if (!crop) return 'no crop';
  const padded =
    resize.to === 'longest' || fill.some((value) => value !== 0) ? ` filled with ${channels(fill)}` : '';
  return `centre crop ${height} × ${width}${padded}`;
}

/** One number where all channels have the same. */
const channels = (values: PerChannel): string =>
  (values.every((value) => value === values[0]) ? values.slice(0, 1) : values).join(' ');
