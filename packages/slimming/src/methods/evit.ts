/** EViT (arXiv 2202.07800): at a few blocks keeps what the class token attends to, and fuses the rest into one token. */

import { planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';
import { shareAtQuarters } from './share-at-quarters.js';

const entry: EntryOf = (count) =>
  reduceTo(count, 'top-k', { score: { name: 'class-attention' }, rest: 'fuse' });

export const evit: RuntimeMethod = {
  name: 'evit',
  summary: 'keeps what the class token attends to, fuses the rest into one token (EViT)',
  preset: (config) => planOfCounts(config, shareAtQuarters(config, 0.7, 1), entry),
  entry,
};
