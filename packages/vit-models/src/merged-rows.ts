/** What is left of the rows of each image when pairs of them are merged. */

import { broadcastTo, float32, type Tensor } from '@patchslim/tensor';
import { prefixRows, rowsOf, type BlockRows, type BlockView } from './block-view.js';
import type { VitConfig } from './configs.js';
import { cheapMeans } from './merge-by-attention.js';
import { dealRows, mergePairs, type Merge, type Sides } from './merge-pairs.js';
import { similarKeys } from './merge-similar.js';
import { positionsTensor } from './token-state.js';

/** Pairs whose mean costs the class token least: means by its attention. */
export function rowsMergedByAttention(config: VitConfig, count: number, view: BlockView): BlockRows {
  const sides = sidesOf(config, view);
  const attention = view.classAttention();
  const fit = cheapMeans(view.tokens, attention, sides);
  return mergedRows(mergePairs(sides, fit, rowsOf(view) - count), attention, view);
}

/** Pairs with the most similar keys: means by size. */
export function similarRowsMerged(config: VitConfig, count: number, view: BlockView): BlockRows {
  const sides = sidesOf(config, view);
  const fit = similarKeys(view.keys, config.heads, sides);
  return mergedRows(mergePairs(sides, fit, rowsOf(view) - count), sizesOf(view), view);
}

/** @param weights of the rows in a mean, `[B, n, 1]` */
function mergedRows(merge: Merge, weights: Tensor, view: BlockView): BlockRows {
  const { backend, shape } = view.tokens;
  const positions = merge.hosts(positionsTensor(backend, view.positions, shape[0]!));
  return {
    rows: (x) => merge.means(x, weights),
    mixes: true,
    positions,
    sizes: merge.sums(sizesOf(view)),
    output: positions,
  };
}

function sizesOf({ tokens: { backend, shape }, sizes }: BlockView): Tensor {
  return sizes ?? broadcastTo(backend.constant(float32([1, 1, 1], [1])), [shape[0]!, shape[1]!, 1]);
}

function sidesOf(config: VitConfig, view: BlockView): Sides {
  return dealRows(view.tokens.backend, rowsOf(view), prefixRows(config, view));
}
