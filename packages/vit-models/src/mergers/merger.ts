/** What merges tokens of an image while the network runs. To add a merger: write its file, add its data and a line here. */

import type { Choice } from '../choosing/choice.js';
import { diffrate } from './diffrate.js';
import { mctf } from './mctf.js';
import { pitome } from './pitome.js';
import { pool } from './pool.js';
import { tome } from './tome.js';
import { tps } from './tps.js';
import { ward } from './ward.js';
import { zeroTPrune } from './zero-tprune.js';

/**
 * The data of a merger, as a plan holds it. Before the queries, so that attention and MLP are saved:
 * - `ward`: pairs whose mean costs the class token least become their mean by attention (ours).
 * - `pool`: neighbours in reading order become their mean, the same for all images.
 *
 * Between attention and MLP:
 * - `tome`: pairs with the most similar keys become their mean by size (ToMe, arXiv 2210.09461).
 * - `pitome`: the same, of the tokens in the largest clusters only: `margin` is the cosine from which two tokens are in one
 *   (PiToMe, arXiv 2405.16148).
 * - `mctf`: pairs that are similar, small, and attended to little, found in both directions (MCTF, arXiv 2403.10030).
 * - `diffrate`: of the tokens that the class token attends to least all but `kept` leave, and the others are merged into
 *   their most similar (DiffRate, arXiv 2305.17997).
 * - `tps`: every token but those that the class token attends to most is squeezed into its most similar of these (TPS,
 *   arXiv 2304.10716).
 * - `zero-tprune`: the least important by `iterations` of PageRank on attention leave, and of similar pairs of the others
 *   the less important (Zero-TPrune, arXiv 2305.17328).
 */
export type Merger =
  | { readonly name: 'ward' }
  | { readonly name: 'pool' }
  | { readonly name: 'tome' }
  | { readonly name: 'pitome'; readonly margin: number }
  | { readonly name: 'mctf' }
  | { readonly name: 'diffrate'; readonly kept: number }
  | { readonly name: 'tps' }
  | { readonly name: 'zero-tprune'; readonly iterations: number };

export function mergingOf(merger: Merger): Choice {
  switch (merger.name) {
    case 'ward':
      return ward;
    case 'pool':
      return pool;
    case 'tome':
      return tome;
    case 'pitome':
      return pitome(merger.margin);
    case 'mctf':
      return mctf;
    case 'diffrate':
      return diffrate(merger.kept);
    case 'tps':
      return tps;
    case 'zero-tprune':
      return zeroTPrune(merger.iterations);
    default:
      return merger satisfies never;
  }
}
