/** Figures as the page writes them. */

/** Multiply-accumulates: `1.25 G`, `117 M`. */
export const macsText = (macs: number): string =>
  macs >= 1e9 ? `${(macs / 1e9).toFixed(2)} G` : `${(macs / 1e6).toFixed(0)} M`;

/** A time: `8.3 ms`, `148 ms`, `2.41 s`. */
export function msText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}

/** A share in percent, without digits behind the point. */
export const percentText = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** Half-width above which an interval is written, points of percent. */
const narrow = 1;

/** A share of images in percent, with its 95 % interval unless that is narrow: `79.3 % (76.2–82.1)`; a dash for none. */
export function shareText(
  percent: number | undefined,
  interval: readonly [number, number] | undefined,
): string {
  if (percent === undefined) return '–';
  const within =
    interval && (interval[1] - interval[0]) / 2 > narrow
      ? ` (${interval[0].toFixed(1)}–${interval[1].toFixed(1)})`
      : '';
  return `${percent.toFixed(1)} %${within}`;
}

/** A ratio of times with its quartiles: `1.35 × (1.31–1.40)`. */
export const speedupText = (ratio: number, [low, high]: readonly [number, number]): string =>
  `${ratio.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;
