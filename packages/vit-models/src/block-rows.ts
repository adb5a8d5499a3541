/**
 * Which rows a block computes: the same of every image, or those of each image with the largest scores. Either way a
 * block gets functions that pick rows, and is written once.
 */

import { broadcastTo, gather, int32, Tensor, topK, type Backend, range } from '@patchslim/tensor';
import type { BlockPlan, KnownTokens } from './block-plan.js';
import type { VitConfig } from './configs.js';
import { lookUp, scoreTokens, type Positions } from './rank-tokens.js';

/** Picks rows out of `[B, n_in, …]`. */
export type RowPicker = (x: Tensor) => Tensor;

/** The rows around one block. */
export interface BlockRows {
  /** The rows that the block computes. */
  readonly kept: RowPicker;
  /** Their positions. */
  readonly keptPositions: Positions;
  /** The rows that pass through unchanged, if there are any. */
  readonly passing?: RowPicker;
  /** Positions of the rows that leave the block. */
  readonly output: Positions;
}

/**
 * The rows of one block.
 * @param input `[B, n_in, D]`, the tokens that reach it, and their positions
 * @param around what is known of them before the run
 */
export function chooseRows(
  config: VitConfig,
  entry: BlockPlan,
  input: { readonly tokens: Tensor; readonly positions: Positions },
  around: KnownTokens,
): BlockRows {
  const { tokens, positions } = input;
  const { backend } = tokens;
  if (entry.kind === 'rank') {
    const scores = scoreTokens(config, entry.ranker, tokens, positions);
    return bestRows(scores, entry.count, positions);
  }
  // Behind a ranking block the prefix tokens are the first rows, and no other is asked for by its position.
  const present = typeof around.input === 'number' ? range(around.input) : around.input;
  const kept = typeof around.kept === 'number' ? present : around.kept;
  const passing = typeof around.output === 'number' ? [] : around.output.slice(kept.length);
  return {
    kept: rowPicker(backend, present, kept),
    keptPositions: typeof around.kept === 'number' ? positions : around.kept,
    ...(passing.length > 0 ? { passing: rowPicker(backend, present, passing) } : {}),
    output: typeof around.output === 'number' ? positions : around.output,
  };
}

/** The rows with the `count` largest of `scores` `[B, n_in]`, in their order; of equal scores the first row. */
export function bestRows(scores: Tensor, count: number, positions: Positions): BlockRows {
  const rows = topK(scores, count);
  const kept =
    positions instanceof Tensor
      ? gather(positions, rows, 1, 1)
      : lookUp(rows.backend.constant(int32([positions.length], positions)), rows);
  return { kept: (x) => gather(x, rows, 1, 1), keptPositions: kept, output: kept };
}

/** `int32 [B, n]`, whatever is known before the run. */
export function positionsTensor(backend: Backend, positions: Positions, batch: number): Tensor {
  if (positions instanceof Tensor) return positions;
  const row = backend.constant(int32([1, positions.length], positions));
  return broadcastTo(row, [batch, positions.length]);
}

/** Picks the rows of some token positions out of `[B, n, D]`; all of them in order is no work at all. */
export function rowPicker(
  backend: Backend,
  present: readonly number[],
  wanted: readonly number[],
): (x: Tensor) => Tensor {
  if (wanted.length === present.length && wanted.every((position, row) => position === present[row]))
    return (x) => x;
  const rowOf = new Map(present.map((position, row) => [position, row]));
  const rows = backend.constant(
    int32(
      [wanted.length],
      wanted.map((position) => rowOf.get(position)!),
    ),
  );
  return (x) => gather(x, rows, 1);
}
