/** Predicts the time of a network from its token counts and a few measured blocks. */

import type { CostOf } from '@patchslim/slimming-schedules';
import { risingFit } from './rising-fit.js';

/** Shares of the patches that the measured blocks leave. */
export const measuredShares: readonly number[] = [0.5, 0.75, 0.95];

/** Times of one block that `tokens` tokens reach, ms per image. */
export interface LatencyRow {
  readonly tokens: number;
  /** The block computes all tokens. */
  readonly dense: number;
  /** The block computes only the prefix tokens: the last block of a model. */
  readonly last: number;
  /** The block leaves each share in `measuredShares` of the patches. */
  readonly selecting: readonly number[];
}

/** The measurements, as plain JSON. */
export interface LatencyTable {
  /** Class token, and distillation token if any. */
  readonly prefix: number;
  /** Images per batch. Times are per image. */
  readonly batch: number;
  /** A block that all tokens reach: nothing was removed or merged before it. */
  readonly full: LatencyRow;
  /** Blocks that fewer tokens reach, in ascending order. */
  readonly fewer: readonly LatencyRow[];
  /** The dense network, ms per image. */
  readonly dense: number;
  /**
   * Time of a network: `rest + scale · sum of its blocks`, ms. Both are fitted to the measured times of the dense
   * network and of one that selects in most blocks, because separate blocks take longer than in a network, and save
   * less together.
   */
  readonly rest: number;
  readonly scale: number;
  /** Noise: median over all times of the interquartile range, as a share of the time. */
  readonly spread: number;
}

/**
 * The time of one image, ms, by the tokens that each block leaves. Times are interpolated linearly between measured
 * numbers of tokens, and never fall when more tokens reach a block.
 */
export function latencyOf(table: LatencyTable): CostOf {
  const { prefix, full, scale, rest } = table;
  const rows = withRisingTimes(table.fewer);
  const at = (tokens: number, timeOf: (row: LatencyRow) => number): number =>
    tokens >= full.tokens ? timeOf(full) : between(rows, tokens, timeOf);
  const ofBlocks: CostOf = (counts) =>
    counts.reduce((total, count, block) => {
      const reaching = counts[block - 1] ?? full.tokens;
      if (count === reaching) return total + at(reaching, ({ dense }) => dense);
      if (count === prefix) return total + at(reaching, ({ last }) => last);
      const share = (count - prefix) / (reaching - prefix);
      return total + at(reaching, ({ selecting }) => interpolate(measuredShares, selecting, share));
    }, 0);
  return (counts) => rest + scale * ofBlocks(counts);
}

function withRisingTimes(rows: readonly LatencyRow[]): LatencyRow[] {
  const dense = risingFit(rows.map((row) => row.dense));
  const last = risingFit(rows.map((row) => row.last));
  const selecting = measuredShares.map((_, i) => risingFit(rows.map((row) => row.selecting[i]!)));
  return rows.map(({ tokens }, i) => ({
    tokens,
    dense: dense[i]!,
    last: last[i]!,
    selecting: selecting.map((times) => times[i]!),
  }));
}

const between = (rows: readonly LatencyRow[], tokens: number, timeOf: (row: LatencyRow) => number): number =>
  interpolate(
    rows.map((row) => row.tokens),
    rows.map(timeOf),
    tokens,
  );

/** Linear interpolation, constant beyond the first and the last point. @param places ascending */
export function interpolate(places: readonly number[], values: readonly number[], x: number): number {
  const next = places.findIndex((place) => place >= x);
  if (next < 0) return values.at(-1)!;
  if (next === 0) return values[0]!;
  const [left, right] = [places[next - 1]!, places[next]!];
  const share = (x - left) / (right - left);
  return values[next - 1]! + share * (values[next]! - values[next - 1]!);
}
