/** Rows by token position. */

import { gather, int32, type Backend, type Tensor } from '@patchslim/tensor';

/** Makes rows out of rows: `[B, n_in, …] → [B, n_out, …]`. */
export type RowPicker = (x: Tensor) => Tensor;

/** Picks the rows of some token positions out of `[B, n, D]`; all of them in order is no work at all. */
export function rowPicker(
  backend: Backend,
  present: readonly number[],
  wanted: readonly number[],
): RowPicker {
  if (wanted.length === present.length && wanted.every((position, row) => position === present[row]))
    return (x) => x;
  const rowOf = new Map(present.map((position, row) => [position, row]));
  const rows = backend.constant(
    int32(
      [wanted.length],
      wanted.map((position) => rowOf.get(position)!),
    ),
  );
  return (x) => gather(x, rows, 1);
}
