/** Confidence interval of a share of images. */

/** Low and high end of a 95 % confidence interval. */
export type Interval = readonly [low: number, high: number];

/** 95 % of a normal distribution lie within this many standard deviations. */
export const deviations = 1.96;

/**
 * Wilson's 95 % interval of a share, in percent. It holds for few images too: for five of five it is 56.6 to 100, not
 * 100 to 100.
 * @param percent 0 to 100, of `images`
 * @param images at least 1
 */
export function shareInterval(percent: number, images: number): Interval {
  const share = percent / 100;
  const spread = deviations ** 2 / images;
  const middle = share + spread / 2;
  const margin = deviations * Math.sqrt((share * (1 - share)) / images + spread / (4 * images));
  const end = (value: number): number => (100 * value) / (1 + spread);
  return [Math.max(0, end(middle - margin)), Math.min(100, end(middle + margin))];
}
