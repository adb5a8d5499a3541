/** How anything is timed here: in turn, and in the other order every second time. */

import { throwIfAborted } from '@patchslim/tensor';

export interface TimingOptions {
  /** Measurements of each thing. */
  readonly runs: number;
  /** Names the call in an `ABORTED` error. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  /** Told after each round, with the number of rounds done. */
  readonly onRun?: ((done: number) => void) | undefined;
  /** A clock, in ms. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** Times in ms, by thing. */
export interface Timings {
  /** Of the first run, which warms up and is not in `times`. */
  readonly first: readonly number[];
  /** Of the rounds, in their order: what one round measured stands at one place. */
  readonly times: readonly (readonly number[])[];
}

/**
 * Times some things round by round. Within a round they follow each other at once, so that a busy machine troubles all alike;
 * from round to round the order turns round, so that none always has the place behind another.
 * @throws ABORTED between rounds; what the things throw
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

/** How many times as long the first of two things takes, by pairs of one round. */
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
