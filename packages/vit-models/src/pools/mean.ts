/** The mean of the patches, and the same behind the class token. */

import { concat, div, mul, range, sum, Tensor, mean } from '@patchslim/tensor';
import { prefixPositions, type VitConfig } from '../config.js';
import { rowPicker } from '../row-picker.js';
import type { TokenState } from '../token-state.js';
import { tokenOf } from './class-token.js';
import type { Pool } from './pool.js';

export const meanPool: Pool = {
  readsPatches: true,
  width: ({ width }) => width,
  params: () => [],
  read: (config, _, state) => [meanOfPatches(config, state)],
  macs: () => 0,
};

export const classMeanPool: Pool = {
  readsPatches: true,
  width: ({ width }) => 2 * width,
  params: () => [],
  read: (config, _, state) => [concat([tokenOf(config, state, 'class')!, meanOfPatches(config, state)], 1)],
  macs: () => 0,
};

/** `[B, D]`: a row that was merged counts by its size. */
function meanOfPatches(config: VitConfig, state: TokenState): Tensor {
  const patches = patchRows(config, state);
  const rows = patches(state.tokens);
  if (!state.sizes) return mean(rows, 1);
  const sizes = patches(state.sizes);
  return div(sum(mul(rows, sizes), 1), sum(sizes, 1));
}

/** Picks the rows of patches. */
export function patchRows(config: VitConfig, { tokens, positions }: TokenState): (x: Tensor) => Tensor {
  const prefix = prefixPositions(config);
  const present = positions instanceof Tensor ? range(tokens.shape[1]!) : positions;
  const wanted = present.filter((position) => !prefix.includes(position));
  return rowPicker(tokens.backend, present, wanted);
}
