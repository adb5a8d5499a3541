/** Tokens on their way through the network. */

import { broadcastTo, float32, int32, matMul, Tensor, type Backend } from '@patchslim/tensor';

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
   * Which tokens of the dense network are in each row: 1 where one is, else 0, `[B, n, N]`. Only where it was asked for;
   * a column without a 1 is a token that has left.
   */
  readonly members?: Tensor | undefined;
  /** What the class token has attended to, on average over the blocks that rank by it: `[B, n, 1]`. */
  readonly attended?: Tensor | undefined;
}

/** Every token alone in its row: `[B, N, N]`. */
export function eachAlone(backend: Backend, batch: number, tokens: number): Tensor {
  const identity = new Float32Array(tokens * tokens);
  for (let i = 0; i < tokens; i++) identity[i * tokens + i] = 1;
  return broadcastTo(backend.constant(float32([1, tokens, tokens], identity)), [batch, tokens, tokens]);
}

/**
 * Puts rows back to the tokens of the dense network that are in them: `[B, n, C] → [B, N, C]`, for tasks that need one
 * result for each patch. Tokens that have left get zeros.
 * @param members `[B, n, N]`, as a capture gives them
 */
export const spreadRows = (rows: Tensor, members: Tensor): Tensor =>
  matMul(members, rows, { transposeA: true });

/** `int32 [B, n]`, whatever is known before the run. */
export function positionsTensor(backend: Backend, positions: Positions, batch: number): Tensor {
  if (positions instanceof Tensor) return positions;
  const row = backend.constant(int32([1, positions.length], positions));
  return broadcastTo(row, [batch, positions.length]);
}
