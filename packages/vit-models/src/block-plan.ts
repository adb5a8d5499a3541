/**
 * What each block does with the tokens that reach it, and which tokens that leaves where. Counts are known before any
 * image is seen, so shapes are static; positions are too, until a block ranks the tokens of each image by itself.
 *
 * Positions count from 0 over the tokens of the dense network: class token, distillation token if any, then patches in
 * reading order.
 */

import { PatchslimError, range } from '@patchslim/tensor';
import { choiceOf } from './choosing/choice.js';
import { prefixPositions, tokenCount, type VitConfig } from './configs.js';
import type { Merger } from './mergers/merger.js';
import type { Ranker } from './rankers/ranker.js';

/**
 * One block of a plan.
 * - `dense`: computes every token that reaches it.
 * - `keep`: computes the tokens at `keep` only. With `compact` keys the others leave the network; with `all` keys they
 *   pass through unchanged and go on serving as keys and values (the two readings of Eq. 2).
 * - `rank`: computes, for each image, the prefix tokens and those with the largest scores of `ranker` among the others
 *   that reach it, `count` in all. The others leave the network; or, where `rest` is `fuse`, their sum, weighted by the
 *   scores, is the last of the `count` (EViT, arXiv 2202.07800): then the block chooses between attention and MLP.
 * - `merge`: of each image, takes together what `merger` finds to be alike among the tokens that reach it, so that `count`
 *   are left.
 *
 * Behind `rank` and `merge` only the run knows which tokens are where: there may come `rank`, `merge` and `dense`, and `keep`
 * of the prefix tokens.
 */
export type BlockPlan =
  | { readonly kind: 'dense' }
  | { readonly kind: 'keep'; readonly keep: readonly number[]; readonly keys: Keys }
  | {
      readonly kind: 'rank';
      readonly count: number;
      readonly ranker: Ranker;
      readonly rest?: 'fuse' | undefined;
    }
  | { readonly kind: 'merge'; readonly count: number; readonly merger: Merger };

/** A block that chooses image by image. */
export type ChoosingPlan = Extract<BlockPlan, { readonly count: number }>;

/** Which tokens serve as keys and values after a selection. */
export type Keys = 'compact' | 'all';

/** The rows around one block: a list or a number of tokens for each. */
interface Around<Tokens> {
  /** Rows that reach the block: keys and values. */
  readonly input: Tokens;
  /** Rows that the block computes: queries (but see `BlockCounts`), residual, MLP. */
  readonly kept: Tokens;
  /** Rows that leave the block: the computed ones first, then those that pass through. */
  readonly output: Tokens;
}

/** Token positions around one block, in the order of the rows. */
export type BlockTokens = Around<readonly number[]>;

/** Numbers of tokens around one block. */
export interface BlockCounts extends Around<number> {
  /** Rows for which attention is computed: `kept`, or `input` where a block chooses behind its attention. */
  readonly attending: number;
}

/** Positions; or how many tokens there are, where only the run knows which: the prefix tokens are then the first. */
export type KnownTokens = Around<readonly number[] | number>;

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

/**
 * Follows the tokens through a plan.
 * @throws PLAN_INVALID when a plan has the wrong number of blocks, keeps a token twice, keeps one that does not reach
 *   the block, or drops the class or distillation token; and for a plan that chooses tokens image by image
 */
export function traceTokens(config: VitConfig, plan: readonly BlockPlan[]): BlockTokens[] {
  const where = 'traceTokens()';
  return followTokens(config, plan, where).map((tokens, index) => {
    if (arePositions(tokens)) return tokens;
    return invalid(
      where,
      `positions are known only at run time around block ${index}; the plan chooses the tokens of each image`,
    );
  });
}

/**
 * How many tokens reach, are computed by, and leave each block.
 * @throws PLAN_INVALID for a plan that cannot be run
 */
export function traceCounts(config: VitConfig, plan: readonly BlockPlan[]): BlockCounts[] {
  return followTokens(config, plan, 'traceCounts()').map(({ input, kept, output }, index) => {
    return {
      input: countOf(input),
      attending: countOf(choosesBehindAttention(plan[index]!) ? input : kept),
      kept: countOf(kept),
      output: countOf(output),
    };
  });
}

/** Whether a plan chooses or merges tokens image by image, so that positions are known only at run time. */
export function choosesAtRunTime(plan: readonly BlockPlan[]): boolean {
  return plan.some((entry) => 'count' in entry);
}

/** Whether a block computes the attention of every token that reaches it, and chooses behind it. */
const choosesBehindAttention = (entry: BlockPlan): boolean =>
  'count' in entry && choiceOf(entry).behindAttention;

/** Whether it is known before the run which tokens are around a block. */
export function arePositions(tokens: KnownTokens): tokens is BlockTokens {
  return typeof tokens.input !== 'number' && typeof tokens.kept !== 'number';
}

/** Positions as far as they are known before the run, numbers of tokens behind. @throws PLAN_INVALID */
export function followTokens(config: VitConfig, plan: readonly BlockPlan[], where: string): KnownTokens[] {
  if (plan.length !== config.depth) {
    invalid(where, `expected ${config.depth} blocks for ${config.name}, got ${plan.length}`);
  }
  const traced: KnownTokens[] = [];
  let input: KnownTokens['input'] = range(tokenCount(config));
  for (const [index, block] of plan.entries()) {
    const tokens = around(config, input, block, index, (problem) =>
      invalid(where, `block ${index} ${problem}`),
    );
    traced.push(tokens);
    input = tokens.output;
  }
  return traced;
}

function around(
  config: VitConfig,
  input: KnownTokens['input'],
  block: BlockPlan,
  index: number,
  refuse: (problem: string) => never,
): KnownTokens {
  const prefix = prefixPositions(config);
  switch (block.kind) {
    case 'dense':
      return { input, kept: input, output: input };
    case 'keep': {
      const { keep, keys } = block;
      const present = new Set(typeof input === 'number' ? prefix : input);
      const missing = keep.filter((position) => !present.has(position));
      if (missing.length > 0 && typeof input === 'number') {
        refuse('follows a block that chooses tokens image by image, and can keep the prefix tokens only');
      }
      if (missing.length > 0) refuse(`keeps tokens ${missing.join(', ')}, which do not reach it`);
      const kept = new Set(keep);
      if (kept.size !== keep.length) refuse('keeps a token twice');
      const lost = prefix.find((position) => !kept.has(position));
      if (lost !== undefined) refuse(`drops token ${lost}, which the classifier needs`);
      // Behind the last block nothing reads the rows that pass through.
      if (keys === 'compact' || index === config.depth - 1) return { input, kept: keep, output: keep };
      if (typeof input === 'number')
        return refuse('follows a block that chooses tokens image by image, and needs compact keys');
      return { input, kept: keep, output: [...keep, ...input.filter((position) => !kept.has(position))] };
    }
    case 'rank':
    case 'merge': {
      const { count } = block;
      const most = countOf(input);
      const choice = choiceOf(block);
      const least = choice.least(config, most);
      if (!Number.isInteger(count) || count < least || count > most) {
        refuse(`leaves ${count} tokens; expected ${least} to ${most}, the number that reaches it`);
      }
      const problem = choice.problem?.(config, most, count);
      if (problem) refuse(problem);
      return chosen(input, count);
    }
    default:
      return block satisfies never;
  }
}

/** Around a block that chooses `count` tokens of each image; all of them is no choice. */
const chosen = (input: KnownTokens['input'], count: number): KnownTokens =>
  count === countOf(input) ? { input, kept: input, output: input } : { input, kept: count, output: count };

const countOf = (tokens: readonly number[] | number): number =>
  typeof tokens === 'number' ? tokens : tokens.length;

function invalid(where: string, message: string): never {
  throw new PatchslimError('PLAN_INVALID', `${where}: ${message}`);
}
