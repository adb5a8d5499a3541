/** The class token, and the distillation token where there is one. */

import { range, reshape, Tensor } from '@patchslim/tensor';
import { prefixRoles, type PrefixRole, type VitConfig } from '../config.js';
import { rowPicker } from '../row-picker.js';
import type { TokenState } from '../token-state.js';
import type { Pool } from './pool.js';

export const classPool: Pool = {
  readsPatches: false,
  width: ({ width }) => width,
  params: () => [],
  read: (config, _, state) =>
    (['class', 'distillation'] as const).flatMap((role) => tokenOf(config, state, role) ?? []),
  macs: () => 0,
};

/** The row of a prefix token, `[B, D]`, if the architecture has it. */
export function tokenOf(
  config: VitConfig,
  { tokens, positions }: TokenState,
  role: PrefixRole,
): Tensor | undefined {
  const position = prefixRoles(config).indexOf(role);
  if (position < 0) return undefined;
  const { backend, shape } = tokens;
  // Positions that only the run knows begin with the prefix tokens.
  const present = positions instanceof Tensor ? range(shape[1]!) : positions;
  return reshape(rowPicker(backend, present, [position])(tokens), [shape[0]!, config.width]);
}
