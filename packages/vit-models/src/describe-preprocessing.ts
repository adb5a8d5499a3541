/** A preprocessing in one line, for people. */

import type { Preprocessing } from './preprocessing.js';

/**
 * Every step, in the order in which they are done.
 *
 * @example
 * describePreprocessing(deitPreprocessing(224));
 * // 'shorter side to 256 (bicubic), centre crop 224 × 224, × 1/255, mean 0.485 0.456 0.406, std 0.229 0.224 0.225'
 */
export function describePreprocessing({ resize, crop, interpolation, mean, std }: Preprocessing): string {
  const steps = [`shorter side to ${resize} (${interpolation})`, `centre crop ${crop} × ${crop}`, '× 1/255'];
  return [...steps, `mean ${channels(mean)}`, `std ${channels(std)}`].join(', ');
}

/** One number where all channels have the same. */
const channels = (values: readonly [number, number, number]): string =>
  (values.every((value) => value === values[0]) ? values.slice(0, 1) : values).join(' ');
