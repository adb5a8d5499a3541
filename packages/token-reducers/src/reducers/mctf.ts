/**
 * Merges tokens that are similar, small, and receive little attention (MCTF, arXiv 2403.10030). The fit of two tokens
 * is `sim^{1/1} · info^{1/20} · size^{1/40}` with `sim = (cos + 1) / 2`, `info = 1 / (a_i a_j)` from their received
 * attention `a`, and `size = 1 / (n_i n_j)`. Half of the pairs are merged from one set into the other, then half
 * back; means are weighted by `a · n`. The fit uses the tokens and the attention before the merge. MCTF merges these
 * tokens and their rows of attention; we merge the result of the attention. Both give the same, because attention is
 * linear in its rows.
 */

import { attentionReceived } from '@patchslim/importance-estimators';
import {
  add,
  gather,
  maximum,
  mul,
  normalize,
  pow,
  range,
  reshape,
  transpose,
  type Tensor,
} from '@patchslim/tensor';
import { prefixRows, prefixTokens, tokenCount, type BlockView } from '@patchslim/vit-models';
import { constantCounts } from '../counts.js';
import { defineReducer } from '../define-reducer.js';
import {
  alternateCounts,
  alternateSets,
  fixedSets,
  leastOfPairs,
  type Bipartition,
} from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs, type Merge } from '../parts/merge-pairs.js';
import { mergedRows, pairRows, sizesOf } from '../parts/merged-rows.js';
import { rowsOf } from '../parts/view.js';

const received = attentionReceived.create({});

/** Temperatures of attention and size; the temperature of similarity is 1. */
const [ofAttention, ofSize] = [20, 40];

/** Lower bound of attention, which can be too small for a float32. */
const leastAttention = 1e-20;

export const mctf = defineReducer({
  name: 'mctf',
  summary: 'merges tokens that are similar, small, and attended to little (MCTF)',
  // The same number in every block, so that one patch is left: 16 for DeiT, as in the paper.
  countsOf: (config) =>
    constantCounts(config, Math.floor((tokenCount(config) - prefixTokens(config) - 1) / config.depth)),
  behaviour: () => ({
    phase: 'after-attention',
    needsAttention: true,
    merges: true,
    least: leastOfPairs,
    reduce: (view, count) => {
      const r = rowsOf(view) - count;
      const [sets, sizes] = [alternateSets(view), sizesOf(view)];
      const mass = maximum(reshape(received.scores(view, count), sizes.shape), leastAttention);
      const fit = fitOf(view.tokens, mul(pow(mass, -1 / ofAttention), pow(sizes, -1 / ofSize)), sets);
      const masses = mul(mass, sizes);
      const forth = mergePairs(sets, fit, Math.ceil(r / 2));
      const first = pairRows(forth, masses);
      if (r === 1) return mergedRows(first, view);
      const swapped = swappedSets(view, rowsOf(view) - Math.ceil(r / 2), forth);
      const back = mergePairs(
        swapped,
        transpose(gather(fit, forth.staying(), 1, 1), [0, 2, 1]),
        Math.floor(r / 2),
      );
      const second = pairRows(back, forth.sums(masses));
      return mergedRows(
        {
          means: (x) => second.means(first.means(x)),
          sums: (x) => second.sums(first.sums(x)),
          destinations: (x) => second.destinations(first.destinations(x)),
        },
        view,
      );
    },
    macs: (config, rowsIn, rowsOut) => {
      const { sources, destinations, r } = alternateCounts(config, rowsIn, rowsOut);
      const [forth, back] = [Math.ceil(r / 2), Math.floor(r / 2)];
      // The first merge sums the masses twice: as weights, and for the merge back.
      const channels = config.width + (back > 0 ? 3 : 2);
      return (
        pairMacs({ sources, destinations, r: forth }, { metric: config.width, channels }) +
        back * (sources - forth) * (config.width + 2)
      );
    },
  }),
});

/** @param ease `a^{−1/20} n^{−1/40}` of each row, `[B, n, 1]` */
function fitOf(tokens: Tensor, ease: Tensor, sets: Bipartition): Tensor {
  const similarity = mul(add(cosines(normalize(tokens), sets), 1), 0.5);
  return mul(mul(similarity, sets.sources(ease)), transpose(sets.destinations(ease), [0, 2, 1]));
}

/** After the first merge the roles swap: the remaining sources become destinations, the destinations become sources. */
function swappedSets(view: BlockView, rows: number, { staying }: Merge): Bipartition {
  const prefix = prefixRows(view).length;
  const all = range(rows);
  const destinations = prefix + staying().shape[1]!;
  return fixedSets(view.tokens.backend, all, {
    others: all.slice(0, prefix),
    destinations: all.slice(prefix, destinations),
    sources: all.slice(destinations),
  });
}
