/**
 * Benchmarks as ratios: all sides run in turn, round by round, and each is divided by the first within the same round,
 * so that what the machine does meanwhile falls on all of them. The order turns round from one round to the next.
 */

import { median, reportMeasurement, summarizeRatios } from './bench-results.js';

export interface Side {
  readonly name: string;
  /** One measured run. */
  readonly run: () => unknown;
}

/**
 * Measures and prints one line a side; the first is the yardstick. Runs that are not measured come first: sessions
 * allocate and the compiler warms up.
 */
export async function compareRuns(
  title: string,
  sides: readonly Side[],
  rounds = 15,
  warmUp = 2,
): Promise<void> {
  const times: number[][] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const row: number[] = [];
    const order = [...sides.keys()];
    for (const side of round % 2 === 0 ? order : order.reverse())
      row[side] = await milliseconds(sides[side]!.run);
    if (round >= 0) times.push(row);
  }
  reportMeasurement({
    title,
    rounds,
    spread: 'least–most',
    sides: sides.map(({ name }, side) =>
      summarizeRatios(
        name,
        times.map((row) => row[side]! / row[0]!),
        median(times.map((row) => row[side]!)),
      ),
    ),
  });
}

/** Time of one run. */
export async function milliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
