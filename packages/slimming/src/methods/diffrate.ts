/**
 * DiffRate (arXiv 2305.17997): drops what the class token attends to least, and merges the next. The numbers are those that
 * its authors have learned and published for DeiT at 224 pixels; for other models and schedules a third is dropped, as
 * theirs do on average.
 */

import { tokenCount } from '@patchslim/vit-models';
import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

/** By width: tokens behind dropping and behind merging at each block. DeiT-Ti 0.7 G, DeiT-S 2.9 G, DeiT-B 11.5 G. */
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

const entryWith = (keptOf: (count: number, reaching: number, block: number) => number): EntryOf => {
  return (count, { block, reaching }) => {
    return reduceTo(count, 'diffrate', { kept: keptOf(count, reaching, block) });
  };
};

export const diffrate: RuntimeMethod = {
  name: 'diffrate',
  summary: 'drops what the class token attends to least, merges the next (DiffRate)',
  preset(config) {
    const numbers = published.get(config.width);
    if (!numbers || config.depth !== numbers.counts.length || tokenCount(config) !== 197) return undefined;
    return planOfCounts(
      config,
      numbers.counts,
      entryWith((_, __, block) => numbers.kept[block]!),
    );
  },
  entry: entryWith((count, reaching) => reaching - Math.round((reaching - count) / 3)),
};
