/**
 * Sorts the tokens by the class token's attention, keeps the first `kept`, and merges the last of these into their
 * most similar tokens (DiffRate, arXiv 2305.17997). Similarity is the cosine of the tokens after the attention; means
 * are weighted by size. DiffRate learns the numbers. Its authors published them for DeiT at 224 pixels; for other
 * models we drop a third of the removed tokens, the average of their numbers.
 */

import { classAttention } from '@patchslim/importance-estimators';
import { normalize } from '@patchslim/tensor';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { defineReducer } from '../define-reducer.js';
import { countsByScore, setsByScore } from '../parts/bipartition.js';
import { cosines } from '../parts/cosines.js';
import { mergePairs, pairMacs } from '../parts/merge-pairs.js';
import { mergedRows, pairRowsBySize, withoutSources } from '../parts/merged-rows.js';

/** Tokens after dropping and after merging at each block, by width: DeiT-Ti 0.7 G, DeiT-S 2.9 G, DeiT-B 11.5 G. */
const published: ReadonlyMap<
  number,
  { readonly kept: readonly number[]; readonly counts: readonly number[] }
> = new Map([
  [
    192,
    {
      kept: [197, 196, 194, 180, 150, 123, 98, 82, 68, 60, 52, 3],
      counts: [197, 196, 192, 158, 133, 103, 88, 72, 64, 58, 49, 3],
    },
  ],
  [
    384,
    {
      kept: [197, 196, 190, 168, 150, 139, 129, 117, 99, 78, 58, 3],
      counts: [197, 194, 176, 156, 141, 133, 121, 107, 88, 64, 56, 3],
    },
  ],
  [
    768,
    {
      kept: [197, 197, 197, 188, 170, 154, 139, 123, 107, 72, 43, 3],
      counts: [197, 197, 192, 178, 158, 145, 127, 111, 94, 50, 35, 3],
    },
  ],
]);

/** The published numbers for a model, if any. */
function publishedFor(config: VitConfig) {
  const numbers = published.get(config.width);
  return config.depth === numbers?.counts.length && tokenCount(config) === 197 ? numbers : undefined;
}

const attended = classAttention.create({});

/** @param kept tokens that are not dropped, including prefix tokens */
export const diffrate = defineReducer({
  name: 'diffrate',
  summary: 'drops the tokens that the class token attends to least, merges the next ones (DiffRate)',
  options: { kept: z.int().check(z.nonnegative()) },
  optionsAt: ({ config, block, reaching, count }) => {
    const learned = publishedFor(config);
    const isPublished =
      learned?.counts[block] === count && (learned.counts[block - 1] ?? tokenCount(config)) === reaching;
    return { kept: isPublished ? learned.kept[block]! : reaching - Math.round((reaching - count) / 3) };
  },
  countsOf: (config) => publishedFor(config)?.counts,
  behaviour: ({ kept }) => ({
    phase: 'after-attention',
    needsAttention: false,
    merges: true,
    least: (config) => prefixTokens(config) + 1,
    problem: (_, rowsIn, rowsOut) =>
      Number.isInteger(kept) && kept >= rowsOut && kept <= rowsIn
        ? undefined
        : `keeps ${kept} tokens before it merges; expected ${rowsOut} to ${rowsIn}`,
    reduce: (view, count) => {
      const sets = setsByScore(attended.scores(view, count), count, kept, view);
      if (kept === count) return mergedRows(withoutSources(sets), view);
      const merge = mergePairs(sets, cosines(normalize(view.rows), sets), kept - count);
      return pairRowsBySize(merge, view);
    },
    macs: (config, rowsIn, rowsOut) =>
      attended.macs(config, rowsIn) +
      pairMacs(countsByScore(config, rowsOut, kept), { metric: config.width, channels: config.width + 2 }),
  }),
});
