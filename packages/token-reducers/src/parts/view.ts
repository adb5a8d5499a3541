/** Numbers of a block's view that reducers and scores ask for. */

import { Tensor } from '@patchslim/tensor';
import { prefixPositions, type BlockView, type VitConfig } from '@patchslim/vit-models';

/** `n_in`. */
export const rowsOf = ({ tokens }: BlockView): number => tokens.shape[1]!;

/** The rows that hold the prefix tokens. */
export function prefixRows({ config, positions }: BlockView): number[] {
  const prefix = prefixPositions(config);
  // Positions that only the run knows begin with the prefix tokens.
  return positions instanceof Tensor ? prefix : prefix.map((position) => positions.indexOf(position));
}

export const headWidth = ({ width, heads }: VitConfig): number => width / heads;

/** What the class token's attention costs a reducer: its query and its row. */
export const classAttentionMacs = ({ width }: VitConfig, rowsIn: number): number =>
  width * width + rowsIn * width;
