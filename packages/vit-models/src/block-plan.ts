/**
 * A plan: what each block does with the tokens that reach it; and the trace of a plan: which tokens are where. Counts are
 * known before any image is seen, so shapes are static; positions are too, up to the first block with a reducer.
 *
 * Positions count from 0 over the tokens of the dense network: class token, distillation token if any, then patches in
 * reading order.
 */

import { PatchslimError, range } from '@patchslim/tensor';
import { prefixPositions, prefixTokens, tokenCount, type VitConfig } from './config.js';
import { readsPatches } from './output-positions.js';
import type { Reducer } from './reducer.js';

/**
 * One block of a plan.
 * - `dense`: computes every token that reaches it.
 * - `keep`: computes the tokens at `keep` only. With `compact` keys the others leave the network; with `all` keys they
 *   pass through unchanged and go on serving as keys and values (the two readings of Eq. 2).
 * - `reduce`: `reducer` leaves `count` rows of each image: it picks some, or merges several into one.
 *
 * After a reducer only the run knows which tokens are where. Then there may come `reduce`, `dense`, and `keep` of the prefix
 * tokens.
 */
export type BlockPlan =
  | { readonly kind: 'dense' }
  | { readonly kind: 'keep'; readonly keep: readonly number[]; readonly keys: Keys }
  | { readonly kind: 'reduce'; readonly count: number; readonly reducer: Reducer };

/** Which tokens serve as keys and values after a selection. */
export type Keys = 'compact' | 'all';

/** The rows before, in and after one block: a list or a number of tokens for each. */
interface Traced<Tokens> {
  /** Rows that reach the block: keys and values. */
  readonly input: Tokens;
  /** Rows that the block computes: queries (but see `BlockCounts`), residual, MLP. */
  readonly kept: Tokens;
  /** Rows that leave the block: the computed ones first, then those that pass through. */
  readonly output: Tokens;
}

/** Token positions before, in and after one block, in the order of the rows. */
export type BlockTokens = Traced<readonly number[]>;

/** Numbers of tokens before, in and after one block. */
export interface BlockCounts extends Traced<number> {
  /** Rows for which attention is computed: `kept`, or `input` where a block reduces after its attention. */
  readonly attending: number;
}

/** Positions; or how many tokens there are, where only the run knows which: the prefix tokens are then the first. */
export type KnownTokens = Traced<readonly number[] | number>;

/** A plan that computes everything. */
export function densePlan(config: VitConfig): BlockPlan[] {
  return Array.from({ length: config.depth }, () => ({ kind: 'dense' }));
}

/**
 * The plan that saves without changing a logit: where the head reads the prefix tokens alone, only those leave the last block,
 * so only those rows of it are computed. It is the dense plan where the head reads patches.
 */
export function losslessPlan(config: VitConfig): BlockPlan[] {
  const plan = densePlan(config);
  if (!readsPatches(config)) {
    plan[config.depth - 1] = { kind: 'keep', keep: prefixPositions(config), keys: 'compact' };
  }
  return plan;
}

/**
 * Follows the tokens through a plan.
 * @throws PLAN_INVALID when a plan has the wrong number of blocks, keeps a token twice, keeps one that does not reach
 *   the block, drops a prefix token, or leaves no patch where the head reads patches; and for a plan that chooses tokens image by
 *   image
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
      attending: countOf(reducesAfterAttention(plan[index]!) ? input : kept),
      kept: countOf(kept),
      output: countOf(output),
    };
  });
}

/** Whether a plan has reducers, so that the positions behind them are known only at run time. */
export function dependsOnImage(plan: readonly BlockPlan[]): boolean {
  return plan.some(({ kind }) => kind === 'reduce');
}

const reducesAfterAttention = (entry: BlockPlan): boolean =>
  entry.kind === 'reduce' && entry.reducer.phase === 'after-attention';

/** Whether the tokens before, in and after a block are known before the run. */
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
    const refuse = (problem: string) => invalid(where, `block ${index} ${problem}`);
    const tokens = traceBlock(config, input, block, index, refuse);
    if (readsPatches(config) && countOf(tokens.output) === prefixTokens(config)) {
      refuse('leaves no patch, and the head reads patches');
    }
    traced.push(tokens);
    input = tokens.output;
  }
  return traced;
}

function traceBlock(
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
    case 'reduce': {
      const { count, reducer } = block;
      const most = countOf(input);
      const least = reducer.least(config, most);
      if (!Number.isInteger(count) || count < least || count > most) {
        refuse(`leaves ${count} tokens; expected ${least} to ${most}, the number that reaches it`);
      }
      const problem = reducer.problem?.(config, most, count);
      if (problem) refuse(problem);
      // A reducer that leaves all rows is not called.
      const left = count === most ? input : count;
      return { input, kept: left, output: left };
    }
    default:
      return block satisfies never;
  }
}

const countOf = (tokens: readonly number[] | number): number =>
  typeof tokens === 'number' ? tokens : tokens.length;

function invalid(where: string, message: string): never {
  throw new PatchslimError('PLAN_INVALID', `${where}: ${message}`);
}
