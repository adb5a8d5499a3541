/** Two sets of tokens; one is merged into the other (bipartite matching of ToMe, arXiv 2210.09461 §3). */

import { broadcastTo, concat, int32, range, Tensor, topK, type Backend } from '@patchslim/tensor';
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
  /** Row numbers: the sources, then the others, then the destinations. int32 `[m]`, or `[B, m]` if images differ. */
  readonly dealt: () => Tensor;
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
  return fixedSets(view.tokens.backend, all, {
    others: prefix,
    destinations: patches.filter((_, i) => i % 2 === 0),
    sources: patches.filter((_, i) => i % 2 === 1),
  });
}

type Sets<T> = { readonly [set in 'others' | 'destinations' | 'sources']: T };

/** Sets that are the same in every image. */
export function fixedSets(
  backend: Backend,
  all: readonly number[],
  { others, destinations, sources }: Sets<readonly number[]>,
): Bipartition {
  const pick = (wanted: readonly number[]) => rowPicker(backend, all, wanted);
  return {
    others: pick(others),
    destinations: pick(destinations),
    sources: pick(sources),
    dealt() {
      const rows = [...sources, ...others, ...destinations];
      return backend.constant(int32([rows.length], rows));
    },
  };
}

/** Sets that differ from image to image. */
export function setsOf({ others, destinations, sources }: Sets<RowPicker>, view: BlockView): Bipartition {
  const dealt = () => {
    const { backend, shape } = view.tokens;
    const rows = rowsOf(view);
    const numbers = broadcastTo(backend.constant(int32([1, rows], range(rows))), [shape[0]!, rows]);
    return concat(
      [sources, others, destinations].map((pick) => pick(numbers)),
      1,
    );
  };
  return { others, destinations, sources, dealt };
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
  const all = range(positions.length);
  const setOf = (row: number): keyof Sets<unknown> => {
    const patch = positions[row]! - prefix;
    if (patch < 0) return 'others';
    return (Math.floor(patch / side) + (patch % side)) % 2 === 0 ? 'destinations' : 'sources';
  };
  const rowsIn = (set: keyof Sets<unknown>) => all.filter((row) => setOf(row) === set);
  return fixedSets(tokens.backend, all, {
    others: rowsIn('others'),
    destinations: rowsIn('destinations'),
    sources: rowsIn('sources'),
  });
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
  const [others, destinations] = [pick(0, prefix), pick(prefix, destinationsEnd)];
  return setsOf({ others, destinations, sources: pick(destinationsEnd, sourcesEnd) }, view);
}

/** All sources are merged. */
export function countsByScore(config: VitConfig, destinationsEnd: number, sourcesEnd: number): PairCounts {
  const sources = sourcesEnd - destinationsEnd;
  return { sources, destinations: destinationsEnd - prefixTokens(config), r: sources };
}
