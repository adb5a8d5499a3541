/**
 * Benchmarks as ratios: all sides run in turn, round by round, and each is divided by the first within the same round,
 * so that what the machine does meanwhile falls on all of them.
 */

export interface Side {
  readonly name: string;
  /** One measured run. */
  readonly run: () => unknown;
}

export interface Measured {
  readonly name: string;
  /** Median time of a run, ms. */
  readonly ms: number;
  /** Time relative to the first side: median, least, most over the rounds. */
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
}

/** Measures and prints one line a side; the first is the yardstick. */
export async function compareRuns(
  title: string,
  sides: readonly Side[],
  rounds = 15,
  warmUp = 2,
): Promise<Measured[]> {
  const times: number[][] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const row: number[] = [];
    for (const { run } of sides) {
      const start = performance.now();
      await run();
      row.push(performance.now() - start);
    }
    if (round >= 0) times.push(row);
  }
  const measured = sides.map(({ name }, side): Measured => {
    const ratios = times.map((row) => row[side]! / row[0]!);
    return {
      name,
      ms: median(times.map((row) => row[side]!)),
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
    };
  });
  console.log(`${title} (${rounds} rounds; median, least–most)`);
  for (const { name, ms, ratio, least, most } of measured) {
    console.log(
      `  ${ratio.toFixed(2)} × (${least.toFixed(2)}–${most.toFixed(2)})  ${ms.toPrecision(3)} ms  ${name}`,
    );
  }
  return measured;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
