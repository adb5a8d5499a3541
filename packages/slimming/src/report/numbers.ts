/** Numbers as people read them. */

import type { PairedDifference } from '../intervals/paired-difference.js';
import { shareInterval, type Interval } from '../intervals/share-interval.js';

/** How a set of MAC counts is written: one unit for all, so that they compare at sight. */
export interface MacsFormat {
  /** `GMACs`, `MMACs`, `kMACs` or `MACs`. */
  readonly unit: string;
  readonly format: (macs: number) => string;
}

const prefixes = [
  { scale: 1e9, letter: 'G' },
  { scale: 1e6, letter: 'M' },
  { scale: 1e3, letter: 'k' },
] as const;

/** The format in which `largest` has four significant digits. */
export function macsFormat(largest: number): MacsFormat {
  const { scale, letter } = prefixes.find((prefix) => largest >= prefix.scale) ?? { scale: 1, letter: '' };
  const whole = String(Math.floor(largest / scale)).length;
  const digits = scale === 1 ? 0 : 4 - whole;
  return { unit: `${letter}MACs`, format: (macs) => (macs / scale).toFixed(digits) };
}

/** `12345` as `12,345`. */
export function integer(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `44.31` as `44.3 %`. */
export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/** Half-width above which an interval is written, points of percent. */
const narrow = 1;

/** A share of images in percent, with its 95 % interval unless that is narrow: `79.3 % (76.2–82.1)`. */
export function percentWithin(value: number, images: number): string {
  const [low, high] = shareInterval(value, images);
  const within = (high - low) / 2 > narrow ? ` (${low.toFixed(1)}–${high.toFixed(1)})` : '';
  return percent(value) + within;
}

/** A paired difference in points with its 95 % interval: `−1.4 (−2.6 to −0.2)`. */
export const differenceWithin = ({ mean, interval: [low, high] }: PairedDifference): string =>
  `${signed(mean)} (${signed(low)} to ${signed(high)})`;

/** A ratio of times with its quartiles: `1.35 × (1.31–1.40)`. */
export const speedupWithin = (ratio: number, [low, high]: Interval): string =>
  `${ratio.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;

/** A difference with its sign: `+0.3`, `−1.2`. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  if (Number(text) === 0) return '±0.0';
  return (value < 0 ? '−' : '+') + text;
}

/** `n` of a thing: `1 token`, `197 tokens`. */
export function plural(n: number, noun: string): string {
  return `${integer(n)} ${noun}${n === 1 ? '' : 's'}`;
}
