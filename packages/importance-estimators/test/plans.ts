/** Random plans for property tests. */

import {
  prefixPositions,
  readsPatches,
  tokenCount,
  type BlockPlan,
  type Keys,
  type VitConfig,
} from '@patchslim/vit-models';
import fc from 'fast-check';

/**
 * Nested kept sets in shuffled order, with counts that fall towards the output. They always contain the prefix
 * tokens, and a patch where the head reads patches.
 */
export function nestedPlan(config: VitConfig, keys: Keys): fc.Arbitrary<BlockPlan[]> {
  const prefix = prefixPositions(config);
  const patches = tokenCount(config) - prefix.length;
  const positions = Array.from({ length: patches }, (_, i) => i + prefix.length);
  return fc
    .record({
      order: fc.shuffledSubarray(positions, { minLength: patches }),
      counts: fc.array(fc.integer({ min: readsPatches(config) ? 1 : 0, max: patches }), {
        minLength: config.depth,
        maxLength: config.depth,
      }),
    })
    .map(({ order, counts }) =>
      [...counts]
        .sort((a, b) => b - a)
        .map((count) => ({ kind: 'keep', keep: [...prefix, ...order.slice(0, count)], keys })),
    );
}
