/** Two sets of tokens; one is merged into the other (bipartite matching of ToMe, arXiv 2210.09461 §3). */

import { range, Tensor, topK } from '@patchslim/tensor';
import {
  gridSize,
  prefixRows,
  prefixTokens,
  rowPicker,
  tokenCount,
  type BlockView,
  type RowPicker,
  type VitConfig,
} from '@patchslim/vit-models';
import { pickEach } from './pick-each.js';
import { prefixFirst } from './top-rows.js';
import { rowsOf } from './view.js';

/** The rows of a block, in three sets. */
export interface Bipartition {
  /** Rows that the merge leaves unchanged: the prefix tokens first. */
  readonly others: RowPicker;
  /** Rows that can absorb others. */
  readonly destinations: RowPicker;
  /** Rows that can be merged away. */
  readonly sources: RowPicker;
}

/** Sizes of the sets, and the number of merged sources. */
export interface PairCounts {
  readonly sources: number;
  readonly destinations: number;
  readonly r: number;
}

/** Alternating patches: the first, the third, … are destinations. */
export function alternateSets(view: BlockView): Bipartition {
  const prefix = prefixRows(view);
  const all = range(rowsOf(view));
  const patches = all.filter((row) => !prefix.includes(row));
  const pick = (wanted: readonly number[]) => rowPicker(view.tokens.backend, all, wanted);
  return {
    others: pick(prefix),
    destinations: pick(patches.filter((_, i) => i % 2 === 0)),
    sources: pick(patches.filter((_, i) => i % 2 === 1)),
  };
}

/**
 * Patches dealt like the squares of a chessboard, so that neighbours in every direction can merge; those of even row plus
 * column are destinations. Where not all patches are there, or only the run knows where they are, they alternate.
 */
export function checkerboardSets(view: BlockView): Bipartition {
  const { positions, config, tokens } = view;
  if (positions instanceof Tensor || positions.length < tokenCount(config)) return alternateSets(view);
  const prefix = prefixTokens(config);
  const side = gridSize(config);
  const isDestination = (position: number): boolean => {
    const patch = position - prefix;
    return (Math.floor(patch / side) + (patch % side)) % 2 === 0;
  };
  const patches = positions.filter((position) => position >= prefix);
  const pick = (wanted: readonly number[]) => rowPicker(tokens.backend, positions, wanted);
  return {
    others: pick(range(prefix)),
    destinations: pick(patches.filter(isDestination)),
    sources: pick(patches.filter((position) => !isDestination(position))),
  };
}

export function alternateCounts(config: VitConfig, rowsIn: number, rowsOut: number): PairCounts {
  const patches = rowsIn - prefixTokens(config);
  const sources = Math.floor(patches / 2);
  return { sources, destinations: patches - sources, r: rowsIn - rowsOut };
}

/** At most half of the patches can be merged. */
export const leastOfPairs = (config: VitConfig, rowsIn: number): number =>
  rowsIn - Math.floor((rowsIn - prefixTokens(config)) / 2);

/**
 * The patches with the largest scores are destinations, the next ones are sources.
 * @param scores `[B, n]`
 * @param destinationsEnd number of prefix rows and destinations
 * @param sourcesEnd number of prefix rows, destinations and sources; the other rows are in no set
 */
export function setsByScore(
  scores: Tensor,
  destinationsEnd: number,
  sourcesEnd: number,
  view: BlockView,
): Bipartition {
  const rows = rowsOf(view);
  const prefix = prefixRows(view).length;
  const order = topK(prefixFirst(scores, view), rows);
  const pick = (from: number, to: number) =>
    pickEach(rowPicker(view.tokens.backend, range(rows), range(rows).slice(from, to))(order));
  return {
    others: pick(0, prefix),
    destinations: pick(prefix, destinationsEnd),
    sources: pick(destinationsEnd, sourcesEnd),
  };
}

/** All sources are merged. */
export function countsByScore(config: VitConfig, destinationsEnd: number, sourcesEnd: number): PairCounts {
  const sources = sourcesEnd - destinationsEnd;
  return { sources, destinations: destinationsEnd - prefixTokens(config), r: sources };
}
