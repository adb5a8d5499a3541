/** Numbers as text for people. */

import type { Interval, PairedDifference } from '@patchslim/slimming';

/** One unit for a set of MAC counts, so that they compare at sight. */
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

/** Text for an unknown number. */
export const unknown = '–';

/** `12345` as `12,345`. */
export function integer(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `44.31` as `44.3 %`. */
export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/** Intervals reaching no further than this to either side are left out, in points of percent. */
const narrow = 1;

/**
 * Formats a share of images, with its interval where that reaches more than a point to either side: `79.3 % (76.2–82.1)`.
 *
 * @param share percent, 0 to 100; `undefined` gives a dash
 * @param interval low and high end, percent, as in `Evaluation.intervals`
 * @example
 * formatPercent(evaluation.top1, evaluation.intervals.top1);
 */
export function formatPercent(share: number | undefined, interval: Interval | undefined): string {
  if (share === undefined) return unknown;
  const [low, high] = interval ?? [share, share];
  const within = (high - low) / 2 > narrow ? ` (${low.toFixed(1)}–${high.toFixed(1)})` : '';
  return percent(share) + within;
}

/**
 * Formats a paired difference with its 95 % interval: `−1.4 (−2.6 to −0.2)`.
 *
 * @param difference points of percent; `undefined` gives an empty text
 */
export function formatDifference(difference: PairedDifference | undefined): string {
  if (!difference) return '';
  const [low, high] = difference.interval;
  return `${signed(difference.mean)} (${signed(low)} to ${signed(high)})`;
}

/**
 * Formats a speed-up with its quartiles: `1.35 × (1.31–1.40)`.
 *
 * @param ratio dense time over slimmed time; `undefined` gives an empty text
 * @param quartiles of the ratio; the ratio itself when `undefined`, as of a single measurement
 */
export function formatSpeedup(ratio: number | undefined, quartiles: Interval | undefined): string {
  if (ratio === undefined) return '';
  const [low, high] = quartiles ?? [ratio, ratio];
  return `${ratio.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** A number with `digits` decimals and a true minus sign; `0.0000` has no sign. */
export function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A difference with its sign: `+0.3`, `−1.2`. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  if (Number(text) === 0) return '±0.0';
  return (value < 0 ? '−' : '+') + text;
}

/** A count with its noun: `1 token`, `197 tokens`. */
export function plural(n: number, noun: string): string {
  return `${integer(n)} ${noun}${n === 1 ? '' : 's'}`;
}
