/** Counts for a budget: a share of the dense multiply-accumulates, or a time. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { patchesAt } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, type VitConfig } from '@patchslim/vit-models';
import { currentBackendName } from './backend-names.js';
import { planByCounts } from './counts.js';
import type { CostOf, Schedule } from './schedule.js';
import { readNumber, type ScheduleFormat } from './schedule-format.js';

/**
 * The first blocks stay dense, because removing patches there hurts most. Each block that removes patches leaves the same share
 * of the patches that reach it: the largest share within the budget. All blocks behind the first sixth remove patches. With
 * `fewBlocks`, a share lets fewer blocks of a deep network remove them (`thinning`), if each can leave two thirds. Each block that
 * removes patches also takes time to select them, so a time budget tries every block, every second and every third, and takes
 * the shape that leaves most tokens. Where the head reads the class token alone, the last block computes nothing else, which
 * does not change the result.
 *
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
  const counts = (config: VitConfig, costOf: CostOf, fewBlocks = false) => {
    if (backend !== undefined) return mostTokens(config, most, costOf);
    const few =
      fewBlocks &&
      config.depth >= deep &&
      whereCheapEnough(() => budgetCounts(config, most, costOf, thinning));
    return few && leastLeft(config, few) >= leastOfFew ? few : budgetCounts(config, most, costOf);
  };
  return {
    name: 'budget',
    spec: backend === undefined ? `budget:${most}` : `budget:${most}ms@${backend}`,
    needsErrors: false,
    budget: { most, backend },
    counts,
    plan: async (oracle, options) => planByCounts(oracle, counts(oracle.config, oracle.costOf), options),
  };
}

/** Which blocks remove patches, counted from 0. */
export type BudgetShape = (block: number, depth: number) => boolean;

/** Every `n`-th block behind the first sixth. */
export const everyNth =
  (n: number): BudgetShape =>
  (block, depth) => {
    const first = Math.ceil(depth / 6);
    return block >= first && (block - first) % n === 0;
  };

/** No block of the first quarter, each of the second, then every other one: of twelve blocks 4, 5, 6, 8, 10 and 12, counted from 1. */
export const thinning: BudgetShape = (block, depth) => {
  const quarter = Math.ceil(depth / 4);
  return block >= quarter && (block < 2 * quarter || (block - 2 * quarter) % 2 === 1);
};

/** Depth from which a network counts as deep: the shape was measured on twelve blocks. */
const deep = 12;
/** The share of the patches that each of few blocks must leave: below it, more blocks lose less. */
const leastOfFew = 2 / 3;

/** The smallest share of the patches that reach a block and leave it, over all blocks but the last. */
function leastLeft(config: VitConfig, counts: readonly number[]): number {
  const prefix = prefixTokens(config);
  const patches = [tokenCount(config), ...counts.slice(0, -1)].map((count) => count - prefix);
  return Math.min(...patches.slice(1).map((left, block) => left / patches[block]!));
}

/** @throws INVALID_ARGUMENT when no counts are that cheap */
function mostTokens(config: VitConfig, most: number, costOf: CostOf): number[] {
  const shapes = [1, 2, 3].map(everyNth);
  const [usual, ...others] = shapes.map((shape) => () => budgetCounts(config, most, costOf, shape));
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
 * @param shape the blocks that remove patches: by default every block behind the first sixth
 * @throws INVALID_ARGUMENT when no counts are that cheap
 */
export function budgetCounts(config: VitConfig, most: number, costOf: CostOf, shape = everyNth(1)): number[] {
  const countsFor = (kept: number) => decayingCounts(config, kept, shape);
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
function decayingCounts(config: VitConfig, kept: number, shape: BudgetShape): number[] {
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (shape(block, config.depth)) {
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
