/** Timing: interleaved runs, in an order that alternates from round to round. */

import { throwIfAborted } from '@patchslim/tensor';

export interface TimingOptions {
  /** Measurements of each function. */
  readonly runs: number;
  /** Names the call in an `ABORTED` error. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  /** Called after each round, with the number of finished rounds. */
  readonly onRun?: ((done: number) => void) | undefined;
  /** A clock, in ms. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** Times in ms, by function. */
export interface Timings {
  /** Time of the first run, a warm-up that is not in `times`. */
  readonly first: readonly number[];
  /** Times by round: the same index is the same round. */
  readonly times: readonly (readonly number[])[];
}

/**
 * Times several functions round by round. Within a round they run directly after each other, so that a busy machine
 * affects all equally. The order reverses from round to round, so that no function always runs after another.
 * @throws ABORTED between rounds; errors of the functions
 */
export async function timeInTurn(
  things: readonly (() => Promise<unknown>)[],
  { runs, where, signal, onRun, now = () => performance.now() }: TimingOptions,
): Promise<Timings> {
  const first: number[] = [];
  const times = things.map((): number[] => []);
  const inOrder = [...things.keys()];
  for (let run = -1; run < runs; run++) {
    throwIfAborted(signal, where);
    for (const thing of run % 2 === 0 ? inOrder : inOrder.toReversed()) {
      const start = now();
      await things[thing]!();
      const ms = now() - start;
      if (run < 0) first[thing] = ms;
      else times[thing]!.push(ms);
    }
    if (run >= 0) onRun?.(run + 1);
  }
  return { first, times };
}

/** Ratio of the times of two functions, by pairs of the same round. */
export interface PairRatio {
  /** Median of first / second. */
  readonly ratio: number;
  /** First and third quartile. */
  readonly spread: readonly [low: number, high: number];
}

/** @param first times, one for each round; `second` likewise */
export function pairRatio(first: readonly number[], second: readonly number[]): PairRatio {
  const ratios = first.map((time, round) => time / second[round]!);
  return { ratio: median(ratios), spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Linear interpolation between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
