/** What a block knows of its tokens when it chooses what to compute, and what it chooses. */

import { Tensor } from '@patchslim/tensor';
import { prefixPositions } from './block-plan.js';
import type { VitConfig } from './configs.js';
import type { RowPicker } from './row-picker.js';
import type { Positions, TokenState } from './token-state.js';

/** What a block knows when it chooses its rows. */
export interface BlockView extends TokenState {
  /** `[B, n_in, D]`. */
  readonly keys: Tensor;
  /** What the class token attends to, averaged over the heads: `[B, n_in, 1]`. Computed when asked for. */
  readonly classAttention: () => Tensor;
}

/** Rows made of those that reach a block, or of those that it has computed so far. */
export interface BlockRows extends Omit<TokenState, 'tokens' | 'sources'> {
  readonly rows: RowPicker;
  /** Whether a row can be a mean of several. */
  readonly mixes: boolean;
  /** The rows that pass through unchanged, if there are any. */
  readonly passing?: RowPicker;
  /** Positions of the rows that leave the block. */
  readonly output: Positions;
}

export const rowsOf = ({ tokens }: BlockView): number => tokens.shape[1]!;

/** Rows of the prefix tokens. */
export function prefixRows(config: VitConfig, { positions }: BlockView): number[] {
  const prefix = prefixPositions(config);
  // Positions that only the run knows begin with the prefix tokens.
  return positions instanceof Tensor ? prefix : prefix.map((position) => positions.indexOf(position));
}
