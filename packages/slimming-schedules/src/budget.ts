/** Counts for a budget: a share of the dense multiply-accumulates, or a time. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { patchesAt } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import { currentBackendName } from './backend-names.js';
import { planByCounts } from './counts.js';
import type { CostOf, Schedule } from './schedule.js';
import { readNumber, type ScheduleFormat } from './schedule-format.js';

/**
 * The first sixth of the blocks stays dense, because removing patches there hurts most. From there on each block
 * leaves the same share of the patches that reach it: the largest share within the budget. Each block that removes
 * patches also takes time to select them, so a time budget also tries every second and every third block, and takes
 * the shape that leaves most tokens. Where the head reads the class token alone, the last block computes nothing else, which
 * does not change the result.
 * @param most share of the dense multiply-accumulates, or with `backend` the time of one image on it in ms
 * @throws INVALID_ARGUMENT unless 0 < share ≤ 1 or 0 < ms; from `counts` and `plan` when no counts are that cheap
 */
export function budgetSchedule(most: number, backend?: string): Schedule {
  if (!(most > 0 && most < Infinity && (backend !== undefined || most <= 1))) {
    const wanted = backend === undefined ? 'a share in (0, 1]' : 'a time above 0 ms';
    const percent = backend === undefined && most >= 2 && most <= 100;
    const hint = percent ? `; ${most} % is budget:${most / 100}` : '';
    throw new PatchslimError('INVALID_ARGUMENT', `budget schedule: expected ${wanted}, got ${most}${hint}`);
  }
  const counts = (config: VitConfig, costOf: CostOf) =>
    backend === undefined ? budgetCounts(config, most, costOf) : mostTokens(config, most, costOf);
  return {
    name: 'budget',
    spec: backend === undefined ? `budget:${most}` : `budget:${most}ms@${backend}`,
    needsErrors: false,
    budget: { most, backend },
    counts,
    plan: async (oracle, options) => planByCounts(oracle, counts(oracle.config, oracle.costOf), options),
  };
}

/** Distances between blocks that remove patches, for time budgets. */
const spacings = [1, 2, 3];

/** @throws INVALID_ARGUMENT when no counts are that cheap */
function mostTokens(config: VitConfig, most: number, costOf: CostOf): number[] {
  const [usual, ...others] = spacings.map((every) => () => budgetCounts(config, most, costOf, every));
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  let best = usual!();
  for (const shape of others) {
    const counts = whereCheapEnough(shape);
    if (counts && total(counts) > total(best)) best = counts;
  }
  return best;
}

/** Undefined if the shape cannot reach the budget: few blocks cannot remove as much as many. */
function whereCheapEnough(shape: () => number[]): number[] | undefined {
  try {
    return shape();
  } catch (error) {
    if (isTooSmallBudget(error)) return undefined;
    throw error;
  }
}

/** Bisection steps for the share of patches: finer than any count. */
const halvings = 40;

/**
 * Counts of the fixed shape within a budget: tokens that each block keeps.
 *
 * @param most the budget, in the unit of `costOf`
 * @param every distance between blocks that remove patches: 1 for every block
 * @throws INVALID_ARGUMENT when no counts are that cheap
 */
export function budgetCounts(config: VitConfig, most: number, costOf: CostOf, every = 1): number[] {
  const countsFor = (kept: number) => decayingCounts(config, kept, every);
  let [cheap, dear] = [0, 1];
  if (costOf(countsFor(dear)) <= most) return countsFor(dear);
  for (let i = 0; i < halvings; i++) {
    const middle = (cheap + dear) / 2;
    if (costOf(countsFor(middle)) <= most) cheap = middle;
    else dear = middle;
  }
  const counts = countsFor(cheap);
  const cost = costOf(counts);
  if (cost <= most) return counts;
  const [least, dense] = [cost, costOf(Array<number>(config.depth).fill(tokenCount(config)))];
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `budget schedule: ${config.name} costs ${least.toFixed(3)} at least (dense ${dense.toFixed(3)}), got a budget of ${most}; ` +
      `ask for ${roundedUp(least)} or more`,
    { least, dense, most },
  );
}

/** Whether an error means that no counts reach the budget. Another shape or method may reach it. */
export const isTooSmallBudget = (error: unknown): boolean =>
  isPatchslimError(error, 'INVALID_ARGUMENT') && 'least' in error.details && 'most' in error.details;

/** Three decimals, rounded up: a budget rounded down would be refused again. */
const roundedUp = (cost: number): number => Math.ceil(cost * 1000) / 1000;

/** A merge removes at most half of the patches. */
function decayingCounts(config: VitConfig, kept: number, every: number): number[] {
  const prefix = prefixTokens(config);
  const first = Math.ceil(config.depth / 6);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (block >= first && (block - first) % every === 0) {
      patches = Math.max(1, Math.ceil(patches / 2), Math.round(kept * patches));
    }
    return prefix + patchesAt(config, block, patches);
  });
}

const usage = 'budget:0.5, budget:12ms@native';

export const budgetFormat: ScheduleFormat = {
  name: 'budget',
  summary: 'a share of the dense multiply-accumulates, or a time of one image',
  usage,
  parse: (text) => budgetSchedule(...parseBudget(text, usage)),
};

/** A share, or a time and its backend. @throws INVALID_ARGUMENT */
export function parseBudget(text: string, usageText: string): [most: number, backend?: string] {
  const percent = /^([\d.]+) ?%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) > 0) {
    const share = `${percent} % is budget:${Number(percent) / 100}`;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `budget schedule: expected a share in (0, 1], got '${text}'; ${share}`,
    );
  }
  const latency = /^(.+)ms@([a-z0-9-]+)$/.exec(text);
  if (!latency) return [readNumber(text, usageText)];
  return [readNumber(latency[1]!, usageText), currentBackendName(latency[2]!)];
}
