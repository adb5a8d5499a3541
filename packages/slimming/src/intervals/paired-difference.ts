/** How sure a difference between two models on the same images is. */

import { deviations, type Interval } from './share-interval.js';

export interface PairedDifference {
  /** Mean of second − first. */
  readonly mean: number;
  /** 95 % confidence interval of the mean. */
  readonly interval: Interval;
}

/**
 * Image by image, so that what is easy or hard for both cancels out: the interval is far narrower than that of either
 * mean. It is the normal one, and so for dozens of images or more.
 * @param first one value for each image
 * @param second the same, in the same order
 */
export function pairedDifference(first: ArrayLike<number>, second: ArrayLike<number>): PairedDifference {
  const differences = Array.from(first, (value, i) => second[i]! - value);
  const count = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1);
  const margin = deviations * Math.sqrt(variance / count);
  return { mean, interval: [mean - margin, mean + margin] };
}
