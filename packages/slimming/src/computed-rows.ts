/** The tokens in each row that a block computes, from the captures of a run. `B` images, `N` tokens, `n` rows. */

import { range, type HostTensor, type Tensors } from '@patchslim/tensor';
import type { BlockCapture } from '@patchslim/vit-models';

/**
 * The rows that a block computes: the positions of the tokens in each row, ascending. Rows are sorted by their first
 * position.
 */
export type ComputedRows = readonly (readonly number[])[];

/** The captured `sources` `[B, n, N]` of each block, as outputs of a program. */
export function sourcesByBlock(captures: readonly BlockCapture[]): Tensors {
  return Object.fromEntries(captures.map(({ block, sources }) => [nameOf(block), sources!]));
}

/** The rows of each block for one image. @param outputs of a program with `sourcesByBlock` */
export function computedRows(
  outputs: Readonly<Record<string, HostTensor>>,
  blocks: number,
  image: number,
): ComputedRows[] {
  return range(blocks).map((block) => rowsOf(outputs[nameOf(block)]!, image));
}

const nameOf = (block: number): string => `sources${block}`;

function rowsOf({ shape, data }: HostTensor, image: number): ComputedRows {
  const [, rows, tokens] = shape as [number, number, number];
  return range(rows)
    .map((row) => range(tokens).filter((token) => data[(image * rows + row) * tokens + token] !== 0))
    .sort((a, b) => a[0]! - b[0]!);
}
