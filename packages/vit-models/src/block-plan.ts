/**
 * What each block does with the tokens that reach it, and which tokens that leaves where. All of it is known before
 * any image is seen: positions are numbers, counts are fixed, shapes are static.
 *
 * Positions count from 0 over the tokens of the dense network: class token, distillation token if any, then patches in
 * reading order.
 */

import { PatchslimError } from '@patchslim/tensor';
import { prefixTokens, tokenCount, type VitConfig } from './configs.js';

/**
 * One block of a plan.
 * - `dense`: computes every token that reaches it.
 * - `keep`: computes the tokens at `keep` only. With `compact` keys the others leave the network; with `all` keys they
 *   pass through unchanged and go on serving as keys and values (the two readings of Eq. 2).
 */
export type BlockPlan =
  | { readonly kind: 'dense' }
  | { readonly kind: 'keep'; readonly keep: readonly number[]; readonly keys: Keys };

/** Which tokens serve as keys and values after a selection. */
export type Keys = 'compact' | 'all';

/** Token positions around one block, in the order of the rows. */
export interface BlockTokens {
  /** Rows that reach the block: keys and values. */
  readonly input: readonly number[];
  /** Rows that the block computes: queries, residual, MLP. */
  readonly kept: readonly number[];
  /** Rows that leave the block: the computed ones first, then those that pass through. */
  readonly output: readonly number[];
}

/** A plan that computes everything. */
export function densePlan(config: VitConfig): BlockPlan[] {
  return Array.from({ length: config.depth }, () => ({ kind: 'dense' }));
}

/**
 * The plan that saves without changing a logit: only the class token (and the distillation token) leaves the last
 * block, so only those rows of it are computed.
 */
export function losslessPlan(config: VitConfig): BlockPlan[] {
  const plan = densePlan(config);
  plan[config.depth - 1] = { kind: 'keep', keep: prefixPositions(config), keys: 'compact' };
  return plan;
}

/** Positions of the class token and, if any, the distillation token. */
export function prefixPositions(config: VitConfig): number[] {
  return Array.from({ length: prefixTokens(config) }, (_, i) => i);
}

/**
 * Follows the tokens through a plan.
 * @throws PLAN_INVALID when a plan has the wrong number of blocks, keeps a token twice, keeps one that does not reach
 *   the block, or drops the class or distillation token
 */
export function traceTokens(config: VitConfig, plan: readonly BlockPlan[]): BlockTokens[] {
  if (plan.length !== config.depth) {
    invalid(`expected ${config.depth} blocks for ${config.name}, got ${plan.length}`);
  }
  const prefix = prefixPositions(config);
  const traced: BlockTokens[] = [];
  let input: readonly number[] = Array.from({ length: tokenCount(config) }, (_, i) => i);
  for (const [index, block] of plan.entries()) {
    const last = index === config.depth - 1;
    const tokens = traceBlock(input, block, index, last);
    const lost = prefix.find((position) => !tokens.kept.includes(position));
    if (lost !== undefined) invalid(`block ${index} drops token ${lost}, which the classifier needs`);
    traced.push(tokens);
    input = tokens.output;
  }
  return traced;
}

function traceBlock(input: readonly number[], block: BlockPlan, index: number, last: boolean): BlockTokens {
  if (block.kind === 'dense') return { input, kept: input, output: input };
  const { keep, keys } = block;
  const present = new Set(input);
  const missing = keep.filter((position) => !present.has(position));
  if (missing.length > 0) invalid(`block ${index} keeps tokens ${missing.join(', ')}, which do not reach it`);
  const kept = new Set(keep);
  if (kept.size !== keep.length) invalid(`block ${index} keeps a token twice`);
  // Behind the last block nothing reads the rows that pass through.
  const passing = keys === 'all' && !last ? input.filter((position) => !kept.has(position)) : [];
  return { input, kept: keep, output: [...keep, ...passing] };
}

function invalid(message: string): never {
  throw new PatchslimError('PLAN_INVALID', `traceTokens(): ${message}`);
}
