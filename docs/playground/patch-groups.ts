/** The state of each patch in a block: computed alone, merged with others, or dropped. */

import type { ComputedRows } from '@patchslim/slimming';

export interface PatchGroups {
  /** For each patch, row by row of the grid, the row that contains it; −1 if it is dropped. */
  readonly rowOf: Int32Array;
  /** Rows that the block computes, including the class token. */
  readonly rows: number;
  /** Number of patches by state. */
  readonly alone: number;
  readonly merged: number;
  readonly dropped: number;
}

/**
 * @param kept positions of the tokens in each row of the block, those before the patches included
 * @param patches of the image
 * @param prefixTokens class and distillation token
 */
export function groupPatches(kept: ComputedRows, patches: number, prefixTokens: number): PatchGroups {
  const rowOf = new Int32Array(patches).fill(-1);
  let alone = 0;
  let merged = 0;
  for (const [row, positions] of kept.entries()) {
    const members = positions.filter((position) => position >= prefixTokens);
    for (const position of members) rowOf[position - prefixTokens] = row;
    if (positions.length === 1) alone += members.length;
    else merged += members.length;
  }
  return { rowOf, rows: kept.length, alone, merged, dropped: patches - alone - merged };
}

/** The same in words, for screen readers. */
export function describeGroups({ rows, alone, merged, dropped }: PatchGroups, block: number, depth: number) {
  const parts = [
    `${alone} alone`,
    ...(merged > 0 ? [`${merged} merged`] : []),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
  ];
  return `Block ${block} of ${depth} computes ${rows} ${rows === 1 ? 'token' : 'tokens'}. Patches: ${parts.join(', ')}.`;
}
