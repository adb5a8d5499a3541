/**
 * The forward pass, in three steps that also stand alone: `embed` → `runBlocks` → `classify`. A plan is a value that is
 * passed in; the model is never changed. `B` batch, `N` tokens with the class token, `D` width, `C` classes.
 */

import {
  add,
  broadcastTo,
  concat,
  float32,
  linear,
  mul,
  named,
  PatchslimError,
  reshape,
  scope,
  Tensor,
  transpose,
  range,
} from '@patchslim/tensor';
import { arePositions, densePlan, followTokens, type BlockPlan, type KnownTokens } from './block-plan.js';
import { gridSize, prefixPositions } from './configs.js';
import { dense, norm, runBlock, type BlockCapture, type CaptureKind } from './block.js';
import type { VitNetwork } from './params.js';
import { rowPicker } from './row-picker.js';
import type { Positions, TokenState } from './token-state.js';

/** How the blocks are run. */
export interface RunOptions {
  /** One entry per block of the model; dense when left out. */
  readonly plan?: readonly BlockPlan[] | undefined;
  /** What each block shall show; nothing when left out. */
  readonly capture?: readonly CaptureKind[] | undefined;
}

/** Some blocks in a row, and how they are run. */
export interface BlockRange extends RunOptions {
  /** First block to run (0 when left out). */
  readonly from?: number;
  /** Block to stop before (the depth when left out). */
  readonly to?: number;
}

/** What a forward pass gives. */
export interface ForwardResult {
  /** `[B, C]`. */
  readonly logits: Tensor;
  /** One entry per block when captures were asked for, else empty. */
  readonly captures: readonly BlockCapture[];
}

/**
 * Images → logits.
 * @param images `[B, 3, S, S]`, preprocessed
 * @throws PLAN_INVALID, SHAPE_MISMATCH
 * @example
 * const program = await backend.compile(
 *   ({ images }) => ({ logits: forward(model, images, { plan }).logits }),
 *   { images: { shape: [1, 3, 224, 224], dtype: 'float32' } },
 * );
 */
export function forward(model: VitNetwork, images: Tensor, options: RunOptions = {}): ForwardResult {
  return scope(images.backend, () => {
    const { state, captures } = runBlocks(model, embed(model, images), options);
    return { logits: classify(model, state), captures };
  });
}

/** Images `[B, 3, S, S]` → tokens `[B, N, D]`: patches in reading order behind the class token, positions added. */
export function embed(model: VitNetwork, images: Tensor): TokenState {
  const { config, params } = model;
  const { patchSize, width } = config;
  const grid = gridSize(config);
  const batch = images.shape[0]!;
  return scope(images.backend, () =>
    named(images.backend, 'embed', () => {
      const cut = reshape(images, [batch, 3, grid, patchSize, grid, patchSize]);
      const pixels = reshape(transpose(cut, [0, 2, 4, 1, 3, 5]), [batch, grid * grid, 3 * patchSize ** 2]);
      const patches = linear(pixels, params.patches.weight, params.patches.bias);
      const prefix = broadcastTo(params.prefix, [batch, params.prefix.shape[1]!, width]);
      const tokens = add(concat([prefix, patches], 1), params.positions);
      return { tokens, positions: range(tokens.shape[1]!) };
    }),
  );
}

/**
 * Runs blocks `from` to `to` of the model on a state, under a plan for the whole model.
 * @throws PLAN_INVALID when the plan does not fit the model or the state is not what the plan leaves before `from`
 */
export function runBlocks(
  model: VitNetwork,
  state: TokenState,
  range: BlockRange = {},
): { state: TokenState; captures: BlockCapture[] } {
  const { config, params } = model;
  const { from = 0, to = config.depth, plan = densePlan(config), capture = [] } = range;
  const traced = followTokens(config, plan, 'runBlocks()');
  const wanted = new Set(capture);
  if (traced[from]) requirePositions(traced[from].input, state.positions, from);
  return scope(state.tokens.backend, () => {
    let current = wanted.has('sources') ? withSources(state) : state;
    const captures: BlockCapture[] = [];
    for (let index = from; index < to; index++) {
      const tokens = traced[index]!;
      const block = runBlock(config, params.blocks[index]!, index, plan[index]!, current, tokens, wanted);
      current = block.state;
      if (wanted.size > 0) {
        captures.push({ ...block.capture, ...(arePositions(tokens) ? { tokens } : {}) });
      }
    }
    return { state: current, captures };
  });
}

/** Each row is made of itself, unless more is known. */
function withSources(state: TokenState): TokenState {
  if (state.sources) return state;
  const { backend, shape } = state.tokens;
  const [batch, rows] = shape as [number, number];
  const identity = Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? 1 : 0));
  const sources = broadcastTo(backend.constant(float32([1, rows, rows], identity)), [batch, rows, rows]);
  return { ...state, sources };
}

/** @throws PLAN_INVALID when a state is not what the plan leaves before block `from` */
function requirePositions(expected: KnownTokens['input'], found: Positions, from: number): void {
  const same =
    typeof expected === 'number'
      ? found instanceof Tensor && found.shape[1] === expected
      : !(found instanceof Tensor) &&
        expected.length === found.length &&
        expected.every((position, row) => position === found[row]);
  if (same) return;
  const count = typeof expected === 'number' ? expected : expected.length;
  const got = found instanceof Tensor ? found.shape[1] : found.length;
  throw new PatchslimError(
    'PLAN_INVALID',
    `runBlocks(): the plan leaves ${count} tokens before block ${from}; the state has ${got} or others`,
  );
}

/**
 * What the heads read, `[B, D]` each: the class token after the last norm, then the distillation token of a distilled
 * model.
 * @example
 * const [features] = poolTokens(model, runBlocks(model, embed(model, images), { plan }).state);
 */
export function poolTokens({ config, params }: VitNetwork, state: TokenState): Tensor[] {
  const { backend, shape } = state.tokens;
  // Positions that only the run knows begin with the prefix tokens.
  const present = state.positions instanceof Tensor ? range(shape[1]!) : state.positions;
  return scope(backend, () => {
    const normed = named(backend, 'norm', () => norm(config, params.norm, state.tokens));
    return prefixPositions(config).map((position) =>
      reshape(rowPicker(backend, present, [position])(normed), [shape[0]!, config.width]),
    );
  });
}

/** Final norm and head on the class token → logits `[B, C]`; distilled models average their two heads. */
export function classify(model: VitNetwork, state: TokenState): Tensor {
  return scope(state.tokens.backend, () => readHeads(model, poolTokens(model, state)));
}

/**
 * What `poolTokens` gives → logits `[B, C]`; distilled models average their two heads. For programs that need the
 * features too.
 */
export function readHeads({ params }: VitNetwork, pooled: readonly Tensor[]): Tensor {
  const [classToken, distilled] = pooled;
  const { backend } = classToken!;
  return scope(backend, () => {
    const logits = named(backend, 'head', () => dense(params.head, classToken!));
    if (!params.distilledHead || !distilled) return logits;
    const second = named(backend, 'head_dist', () => dense(params.distilledHead!, distilled));
    return mul(add(logits, second), 0.5);
  });
}
