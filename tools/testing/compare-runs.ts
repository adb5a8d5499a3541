/**
 * Benchmarks as ratios: all sides run in turn, round by round, and each is divided by the first within the same round,
 * so that what the machine does meanwhile falls on all of them.
 */

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
    for (const { run } of sides) row.push(await milliseconds(run));
    if (round >= 0) times.push(row);
  }
  console.log(`${title}; ${rounds} rounds, median (least–most)`);
  for (const [side, { name }] of sides.entries()) {
    const ratio = spread(times.map((row) => row[side]! / row[0]!));
    console.log(`  ${ratio.padEnd(22)} ${median(times.map((row) => row[side]!)).toPrecision(3)} ms  ${name}`);
  }
}

/** Time of one run. */
export async function milliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** `1.02 (0.99–1.10)`: median, least and most. */
export function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
