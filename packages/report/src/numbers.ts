/** Numbers as people read them. */

import type { Interval, PairedDifference } from '@patchslim/slimming';

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

/** Stands for a number that is not known. */
export const unknown = '–';

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

/**
 * A share of images as text, `79.3 % (76.2–82.1)`: with its interval where that reaches more than a point to either side.
 *
 * @param share percent, 0 to 100; a dash stands for one that is not known
 * @param interval low and high end, percent, as in `Evaluation.intervals`
 * @example
 * percentWithin(evaluation.top1, evaluation.intervals.top1);
 */
export function percentWithin(share: number | undefined, interval: Interval | undefined): string {
  if (share === undefined) return unknown;
  const [low, high] = interval ?? [share, share];
  const within = (high - low) / 2 > narrow ? ` (${low.toFixed(1)}–${high.toFixed(1)})` : '';
  return percent(share) + within;
}

/**
 * A paired difference as text, with its 95 % interval: `−1.4 (−2.6 to −0.2)`.
 *
 * @param difference points of percent; the text is empty where there is none
 */
export function differenceWithin(difference: PairedDifference | undefined): string {
  if (!difference) return '';
  const [low, high] = difference.interval;
  return `${signed(difference.mean)} (${signed(low)} to ${signed(high)})`;
}

/**
 * A speed-up as text, with its quartiles: `1.35 × (1.31–1.40)`.
 *
 * @param ratio dense time over slimmed time; the text is empty where it was not measured
 * @param quartiles of the ratio; those of a single measurement are the ratio itself
 */
export function speedupWithin(ratio: number | undefined, quartiles: Interval | undefined): string {
  if (ratio === undefined) return '';
  const [low, high] = quartiles ?? [ratio, ratio];
  return `${ratio.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;
}

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
