/**
 * Benchmarks as ratios: all sides run in turn, round by round, and each is divided by the first side of the same round,
 * so that other load on the machine affects all of them. The order is reversed in every round.
 */

import { median, reportMeasurement, summarizeRatios } from './bench-results.js';

export interface Side {
  readonly name: string;
  /** One measured run. */
  readonly run: () => unknown;
}

/**
 * Measures and prints one line per side; the first is the reference. Unmeasured warm-up runs come first, because sessions
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
