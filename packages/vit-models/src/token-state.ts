/** Tokens on their way through the network. */

import {
  abs,
  broadcastTo,
  cast,
  greater,
  int32,
  matMul,
  scope,
  Tensor,
  type Backend,
} from '@patchslim/tensor';

/** Token position of each row: `[n]` where all images have the same, else `int32 [B, n]`. */
export type Positions = readonly number[] | Tensor;

/** The tokens between two blocks, and where in the image they come from. */
export interface TokenState {
  /** `[B, n, D]`. */
  readonly tokens: Tensor;
  /**
   * The same for every image, or, behind a reducer, int32 `[B, n]` with the prefix tokens
   * first. A row into which others were merged keeps its position.
   */
  readonly positions: Positions;
  /** How many tokens of the dense network are in each row: `[B, n, 1]`; one each where nothing was merged. */
  readonly sizes?: Tensor | undefined;
  /**
   * What each row is made of: weights of the rows that the run began with, `[B, n, n_start]`. A row that was merged has
   * those of a mean. There only when they are to be captured.
   */
  readonly sources?: Tensor | undefined;
  /**
   * The running mean of the class token's attention (global class attention of Evo-ViT), as a reducer that scores by it
   * leaves it to the next: `[B, n, 1]`.
   */
  readonly globalClassAttention?: Tensor | undefined;
}

/**
 * Puts rows back to the tokens of the dense network that are in them: `[B, n, C] → [B, N, C]`, for tasks that need one
 * result for each patch. Tokens that have left get zeros.
 * @param sources `[B, n, N]`, as a capture of a run from the first block on gives them
 */
export function unmergeRows(rows: Tensor, sources: Tensor): Tensor {
  return scope(rows.backend, () =>
    matMul(cast(greater(abs(sources), 0), 'float32'), rows, { transposeA: true }),
  );
}

/** `int32 [B, n]`, whatever is known before the run. */
export function positionsTensor(backend: Backend, positions: Positions, batch: number): Tensor {
  if (positions instanceof Tensor) return positions;
  const row = backend.constant(int32([1, positions.length], positions));
  return broadcastTo(row, [batch, positions.length]);
}
