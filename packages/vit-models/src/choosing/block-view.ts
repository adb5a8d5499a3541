/** What a block knows of its tokens when it chooses what to compute, and what it chooses. */

import { Tensor } from '@patchslim/tensor';
import { prefixPositions, type VitConfig } from '../configs.js';
import type { RowPicker } from '../row-picker.js';
import type { Positions, TokenState } from '../token-state.js';

/** What a block knows when it chooses its rows: of all `n_in` that reach it. */
export interface BlockView extends TokenState {
  readonly config: VitConfig;
  /** What is chosen from: the tokens, or behind the attention what that has made of them. `[B, n_in, D]`. */
  readonly rows: Tensor;
  /** `[B, n_in, D]`. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** What the class token attends to, head by head: `[B, H, 1, n_in]`. Computed when asked for. */
  readonly classAttention: () => Tensor;
  /** What every token attends to, `[B, H, n_in, n_in]`: only for a choice that sees it. */
  readonly attention?: Tensor | undefined;
}

/** Rows made of those that reach a block, or of those that it has computed so far. */
export interface BlockRows extends Omit<TokenState, 'tokens' | 'sources'> {
  readonly rows: RowPicker;
  /** Of the rows that become one, the sum: for what counts tokens. */
  readonly sums: RowPicker;
  /** Whether a row can be made of several. */
  readonly mixes: boolean;
  /** The rows that pass through unchanged, if there are any. */
  readonly passing?: RowPicker;
  /** Positions of the rows that leave the block. */
  readonly output: Positions;
}

export const rowsOf = ({ tokens }: BlockView): number => tokens.shape[1]!;

/** Rows of the prefix tokens. */
export function prefixRows({ config, positions }: BlockView): number[] {
  const prefix = prefixPositions(config);
  // Positions that only the run knows begin with the prefix tokens.
  return positions instanceof Tensor ? prefix : prefix.map((position) => positions.indexOf(position));
}
