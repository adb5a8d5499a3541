/** Tokens on their way through the network. */

import { broadcastTo, int32, Tensor, type Backend } from '@patchslim/tensor';

/** Token position of each row: `[n]` where all images have the same, else `int32 [B, n]`. */
export type Positions = readonly number[] | Tensor;

export interface TokenState {
  /** `[B, n, D]`. */
  readonly tokens: Tensor;
  /**
   * The same for every image, or, once a block has chosen the tokens of each image, int32 `[B, n]` with the prefix tokens
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
}

/** `int32 [B, n]`, whatever is known before the run. */
export function positionsTensor(backend: Backend, positions: Positions, batch: number): Tensor {
  if (positions instanceof Tensor) return positions;
  const row = backend.constant(int32([1, positions.length], positions));
  return broadcastTo(row, [batch, positions.length]);
}
