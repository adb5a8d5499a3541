/** The time of a network by the numbers of tokens in its blocks, from a few measured blocks. */

import type { CostOf } from '@patchslim/slimming-schedules';
import { risingFit } from './rising-fit.js';

/** Shares of its patches that a measured block leaves. */
export const measuredShares: readonly number[] = [0.5, 0.75, 0.95];

/** Times of one block that `tokens` tokens reach, ms for one image. */
export interface LatencyRow {
  readonly tokens: number;
  /** All of them are computed. */
  readonly dense: number;
  /** Only the prefix tokens are: the last block of a model. */
  readonly last: number;
  /** A share of `measuredShares` of the patches is left. */
  readonly selecting: readonly number[];
}

/** What was measured, as plain JSON. */
export interface LatencyTable {
  /** Class token, and distillation token if any. */
  readonly prefix: number;
  /** Images at a time; times are for one of them. */
  readonly batch: number;
  /** Blocks that all tokens reach: nothing has been removed or merged before them. */
  readonly full: LatencyRow;
  /** Blocks that fewer tokens reach, ascending. */
  readonly fewer: readonly LatencyRow[];
  /** The dense network, ms for one image. */
  readonly dense: number;
  /**
   * A network takes `rest + scale · its blocks`, ms: with these the table tells the measured times of the dense network and of
   * one that selects in most blocks. Blocks cost more by themselves, and save less together.
   */
  readonly rest: number;
  readonly scale: number;
  /** Median over all times of the distance between their quartiles, as a share of the time. */
  readonly spread: number;
}

/**
 * The time of one image, ms, by the tokens that each block leaves. Between measured numbers of tokens times are linear; they
 * never fall with the number of tokens that reach a block.
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

/** Linear between the places; beyond the first and the last the value there. @param places ascending */
export function interpolate(places: readonly number[], values: readonly number[], x: number): number {
  const next = places.findIndex((place) => place >= x);
  if (next < 0) return values.at(-1)!;
  if (next === 0) return values[0]!;
  const [left, right] = [places[next - 1]!, places[next]!];
  const share = (x - left) / (right - left);
  return values[next - 1]! + share * (values[next]! - values[next - 1]!);
}
