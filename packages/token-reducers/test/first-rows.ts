/** A reducer for tests: keeps the first rows of every image. */

import { slice, type Tensor } from '@patchslim/tensor';
import { positionsTensor, prefixTokens, type Reducer } from '@patchslim/vit-models';

export const firstRows = (change: Partial<Reducer> = {}): Reducer => ({
  name: 'first-rows',
  options: {},
  phase: 'before-queries',
  needsAttention: false,
  merges: false,
  least: prefixTokens,
  reduce: ({ tokens, positions }, count) => {
    const rows = (x: Tensor): Tensor =>
      slice(
        x,
        x.shape.map(() => 0),
        x.shape.map((_, axis) => (axis === 1 ? count : -1)),
      );
    const kept = rows(positionsTensor(tokens.backend, positions, tokens.shape[0]!));
    return { rows, sums: rows, mixes: false, positions: kept, output: kept };
  },
  macs: () => 0,
  ...change,
});
