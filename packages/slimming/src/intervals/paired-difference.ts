/** Confidence intervals of differences between two models on the same images. */

import { deviations, type Interval } from './share-interval.js';

/** Mean of paired differences, with its confidence interval. */
export interface PairedDifference {
  /** Mean of second − first. */
  readonly mean: number;
  /** 95 % confidence interval of the mean. */
  readonly interval: Interval;
}

/**
 * Mean difference over pairs. Easy and hard images cancel out, so the interval is far narrower than the interval of
 * either mean. It uses the normal distribution, which needs dozens of images or more.
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

/**
 * Difference of two shares of the same images, in percentage points. The interval is by Agresti and Min (2005): it
 * adds half an image to each of the four outcomes of a pair, so it holds for few images too. For five images without
 * a change it is −28 to 28, not 0 to 0.
 * @param first for each image, whether it is a hit
 * @param second the same, in the same order
 */
export function pairedShareDifference(
  first: ArrayLike<boolean>,
  second: ArrayLike<boolean>,
): PairedDifference {
  let [gained, lost] = [0, 0];
  for (let i = 0; i < first.length; i++) {
    if (second[i] && !first[i]) gained++;
    if (first[i] && !second[i]) lost++;
  }
  const count = first.length + 2;
  const middle = (gained - lost) / count;
  const margin = deviations * Math.sqrt(((gained + lost + 1) / count - middle ** 2) / count);
  return {
    mean: (100 * (gained - lost)) / first.length,
    interval: [100 * Math.max(-1, middle - margin), 100 * Math.min(1, middle + margin)],
  };
}
