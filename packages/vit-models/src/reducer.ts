/**
 * The interface of a reducer: the step of a block that leaves fewer rows than reach it. This package runs reducers and
 * knows none by name; they are in `@patchslim/token-reducers`.
 */

import type { Tensor } from '@patchslim/tensor';
import type { VitConfig } from './config.js';
import type { RowPicker } from './row-picker.js';
import type { Positions, TokenState } from './token-state.js';

/**
 * Where in the block a reducer runs.
 * - `before-queries`: queries, attention rows and MLP are then computed for the rows that it leaves.
 * - `after-attention`: only the MLP is.
 */
export type ReducerPhase = 'before-queries' | 'after-attention';

/** Reduces the rows of each image from `n_in` to `n_out`. Both numbers are known before the run. */
export interface Reducer {
  readonly name: string;
  /** Its options, as plain JSON: a plan file holds them beside the name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly phase: ReducerPhase;
  /** Whether it reads the attention of every token (`BlockView.attention`). Only after the attention. */
  readonly needsAttention: boolean;
  /** Whether it makes one row of several; else it picks rows. */
  readonly merges: boolean;
  /** The smallest number of rows that it can leave of `rowsIn`. */
  least(config: VitConfig, rowsIn: number): number;
  /** Says why it cannot run here, if it cannot: the end of a sentence that begins with "block 3". */
  problem?(config: VitConfig, rowsIn: number, rowsOut: number): string | undefined;
  /** Called only where `rowsOut` is less than the number of rows in the view. */
  reduce(view: BlockView, rowsOut: number): BlockRows;
  /** Multiply-accumulates of the reducer itself, for one image. */
  macs(config: VitConfig, rowsIn: number, rowsOut: number): number;
}

/** What a reducer sees of a block: all `n_in` rows that reach it. */
export interface BlockView extends TokenState {
  readonly config: VitConfig;
  /** The rows to reduce: the tokens, or after the attention its result with the residual. `[B, n_in, D]`. */
  readonly rows: Tensor;
  /** `[B, n_in, D]`, before a rotary embedding. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /**
   * Attention of the class token, head by head: `[B, H, 1, n_in]`. In a network without one, that of the attention pool's
   * probe, else of the mean query; in captures the mean of all rows. Computed by the first call.
   */
  readonly classAttention: () => Tensor;
  /** Attention of every token, `[B, H, n_in, n_in]`: present for a reducer that needs it. */
  readonly attention?: Tensor | undefined;
}

/** The rows that a block goes on with, as functions of the rows before. */
export interface BlockRows extends Omit<TokenState, 'tokens' | 'sources'> {
  readonly rows: RowPicker;
  /** The rows made of `BlockView.rows`, where the reducer has them already. Default: `rows` of these. */
  readonly tokens?: Tensor | undefined;
  /** The sum where several rows become one: for numbers that count tokens. */
  readonly sums: RowPicker;
  /** Whether a row can be made of several. */
  readonly mixes: boolean;
  /** Picks the rows that pass through the block unchanged, if there are any. */
  readonly passing?: RowPicker;
  /** Positions of the rows that leave the block. */
  readonly output: Positions;
}
