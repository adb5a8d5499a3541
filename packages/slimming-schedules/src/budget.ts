/** Counts for a share of the dense multiply-accumulates. */

import { PatchslimError } from '@patchslim/tensor';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import { planByCounts } from './counts.js';
import type { CostOf, Schedule } from './schedule.js';

/**
 * The first sixth of the blocks stays dense, as removing patches there costs most; from there on each block leaves the
 * same share of the patches that reach it, the largest with which the network costs no more than `share` of the dense one.
 * The last block of the model computes only the class token, which changes nothing.
 * @throws INVALID_ARGUMENT unless 0 < share ≤ 1; from `counts` and `plan` when no counts are that cheap
 */
export function budgetSchedule(share: number): Schedule {
  if (!(share > 0 && share <= 1)) {
    throw new PatchslimError('INVALID_ARGUMENT', `budget schedule: expected a share in (0, 1], got ${share}`);
  }
  return {
    name: 'budget',
    spec: `budget:${share}`,
    needsErrors: false,
    counts: (config, costOf) => budgetCounts(config, share, costOf),
    plan: async (oracle, options) =>
      planByCounts(oracle, budgetCounts(oracle.config, share, oracle.costOf), options),
  };
}

/** Halvings of the interval in which the share of patches is searched for: finer than any count. */
const halvings = 40;

/** @param costOf share of the dense multiply-accumulates that counts cost */
export function budgetCounts(config: VitConfig, share: number, costOf: CostOf): number[] {
  let [cheap, dear] = [0, 1];
  if (costOf(decayingCounts(config, dear)) <= share) return decayingCounts(config, dear);
  for (let i = 0; i < halvings; i++) {
    const middle = (cheap + dear) / 2;
    if (costOf(decayingCounts(config, middle)) <= share) cheap = middle;
    else dear = middle;
  }
  const counts = decayingCounts(config, cheap);
  const cost = costOf(counts);
  if (cost <= share) return counts;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `budget schedule: ${config.name} costs ${cost.toFixed(3)} of the dense one at least, got a budget of ${share}`,
  );
}

/** No merge takes more than half of the patches. */
function decayingCounts(config: VitConfig, kept: number): number[] {
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (block >= config.depth / 6) {
      patches = Math.max(1, Math.ceil(patches / 2), Math.round(kept * patches));
    }
    return block === config.depth - 1 ? prefix : prefix + patches;
  });
}
