/** Round numbers for the ticks of an axis. */

export interface Axis {
  /** First and last tick; all values lie between them. */
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  readonly format: (tick: number) => string;
}

/** Makes an axis for finite values: about `intervals` steps, each 1, 2 or 5 times a power of ten. */
export function axisOf(values: readonly number[], intervals: number): Axis {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) {
    // A single value needs room on both sides.
    const room = Math.abs(low) / 10 || 1;
    low -= room;
    high += room;
  }
  const rough = (high - low) / intervals;
  const power = Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * 10 ** power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * 10 ** power;
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  // Multiples of the step are exact; repeated sums drift.
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const format = (tick: number) =>
    tick.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return { min: first * step, max: last * step, ticks, format };
}
