/**
 * The tokens of a slimmed network on the grid of the dense one, for tasks that need one vector for each patch: segmentation, depth,
 * matching. A row into which tokens were merged goes to all of them. A token that was dropped keeps the last value that it had.
 */

import {
  broadcastTo,
  div,
  float32,
  greater,
  maximum,
  named,
  PatchslimError,
  scope,
  where,
  type Tensor,
} from '@patchslim/tensor';
import { densePlan, type BlockPlan } from './block-plan.js';
import { switchesOf, type VitConfig } from './config.js';
import { embed, runBlocks } from './forward.js';
import { normed } from './layers.js';
import type { VitNetwork } from './params.js';
import { unmergeRows, type TokenState } from './token-state.js';

/** Which tokens are wanted. */
export interface GridOptions {
  /** @default dense */
  readonly plan?: readonly BlockPlan[] | undefined;
  /** Blocks whose output is wanted, counted from 0. @default the last */
  readonly blocks?: readonly number[] | undefined;
  /** Whether the last norm is applied to them, where the network applies it to tokens. @default false */
  readonly norm?: boolean | undefined;
}

/** The state behind the last block, and the tokens behind each of the wanted blocks. */
export interface GridResult {
  readonly state: TokenState;
  /** `[B, N, D]` for each of the wanted blocks: prefix tokens, then patches in reading order. */
  readonly grids: readonly Tensor[];
}

/**
 * Images → tokens on the full grid.
 *
 * @param images `[B, 3, S, S]`, preprocessed
 * @throws PLAN_INVALID; INVALID_ARGUMENT for a block that the model does not have
 * @example
 * const { grids: [tokens] } = runOnGrid(model, images, { plan }); // [B, N, D]
 */
export function runOnGrid(model: VitNetwork, images: Tensor, options: GridOptions = {}): GridResult {
  const { config, params } = model;
  const { plan = densePlan(config), blocks = [config.depth - 1], norm = false } = options;
  requireBlocks(config, blocks);
  const { backend } = images;
  const lastNorm = norm && switchesOf(config).lastNorm === 'tokens' ? params.norm : undefined;
  const normalized = (grid: Tensor) =>
    lastNorm ? named(backend, 'norm', () => normed(config, lastNorm, grid)) : grid;
  return scope(backend, () => {
    let state = embed(model, images);
    let grid = state.tokens;
    const after = new Map<number, Tensor>();
    for (const [block, { kind }] of plan.entries()) {
      if (kind !== 'dense') grid = onGrid(grid, state); // the last value of the tokens that leave in this block
      state = runBlocks(model, state, { plan, from: block, to: block + 1, capture: ['sources'] }).state;
      if (!blocks.includes(block)) continue;
      grid = onGrid(grid, state);
      after.set(block, normalized(grid));
    }
    return { state, grids: blocks.map((block) => after.get(block)!) };
  });
}

/** The rows of a state at all tokens that are in them, a mean of the rows for a token in several; the others as they were `before`. */
function onGrid(before: Tensor, { tokens, sources }: TokenState): Tensor {
  if (!sources) return tokens;
  const { backend, shape } = tokens;
  return named(backend, 'grid', () => {
    const each = broadcastTo(backend.constant(float32([1, 1, 1], [1])), [shape[0]!, shape[1]!, 1]);
    const rows = unmergeRows(each, sources); // how many rows a token is in, [B, N, 1]
    return where(greater(rows, 0), div(unmergeRows(tokens, sources), maximum(rows, 1)), before);
  });
}

function requireBlocks({ depth, name }: VitConfig, blocks: readonly number[]): void {
  const wrong = blocks.find((block) => !Number.isInteger(block) || block < 0 || block >= depth);
  if (wrong === undefined && blocks.length > 0) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `runOnGrid(): expected blocks from 0 to ${depth - 1} of '${name}', got ${wrong ?? 'none'}`,
    { blocks: [...blocks] },
  );
}
