/**
 * The forward pass, in three steps that also stand alone: `embed` → `runBlocks` → `classify`. A plan is a value that is
 * passed in; the model is never changed. `B` batch, `N` tokens with the class token, `D` width, `C` classes.
 */

import {
  add,
  broadcastTo,
  concat,
  float32,
  max,
  mul,
  named,
  PatchslimError,
  range,
  scope,
  Tensor,
} from '@patchslim/tensor';
import { arePositions, densePlan, followTokens, type BlockPlan, type KnownTokens } from './block-plan.js';
import { runBlock, type BlockCapture, type CaptureKind } from './block.js';
import { prefixRoles, switchesOf } from './config.js';
import { givesEmbedding } from './head-activation.js';
import { dense, normed } from './layers.js';
import type { VitNetwork } from './params.js';
import { poolOf } from './pools/list.js';
import { stemOf } from './stems/list.js';
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

/** Images `[B, 3, S, S]` → tokens `[B, N, D]`: patches in reading order behind the prefix tokens, positions added. */
export function embed({ config, params }: VitNetwork, images: Tensor): TokenState {
  const { backend } = images;
  const batch = images.shape[0]!;
  return scope(backend, () =>
    named(backend, 'embed', () => {
      const patches = stemOf(config).patches(config, params, images);
      const { positions, prefix, preNorm } = params;
      const behind = (rows: Tensor): Tensor => {
        const before = [...new Set(prefixRoles(config))].map((role) => {
          const token = prefix[role === 'register' ? 'registers' : role]!;
          return broadcastTo(token, [batch, ...token.shape.slice(1)]);
        });
        return before.length > 0 ? concat([...before, rows], 1) : rows;
      };
      const onAll = switchesOf(config).positions === 'all';
      const placed = (rows: Tensor): Tensor => (positions ? add(rows, positions) : rows);
      const tokens = onAll ? placed(behind(patches)) : behind(placed(patches));
      const ready = preNorm ? normed(config, preNorm, tokens) : tokens;
      return { tokens: ready, positions: range(tokens.shape[1]!) };
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
  const { config } = model;
  const { from = 0, to = config.depth, plan = densePlan(config), capture = [] } = range;
  const traced = followTokens(config, plan, 'runBlocks()');
  const wanted = new Set(capture);
  if (traced[from]) requirePositions(traced[from].input, state.positions, from);
  return scope(state.tokens.backend, () => {
    let current = wanted.has('sources') ? withSources(state) : state;
    const captures: BlockCapture[] = [];
    for (let index = from; index < to; index++) {
      const tokens = traced[index]!;
      const block = runBlock(model, index, plan[index]!, current, tokens, wanted);
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
 * What the heads read, `[B, C]` each: behind the last norm the row of the class token, then that of the distillation token of
 * a distilled model; or what another pool gives (`VitConfig.pool`). LV-ViT's second head reads every patch, `[B, n, D]`.
 *
 * @example
 * const [features] = poolTokens(model, runBlocks(model, embed(model, images), { plan }).state);
 */
export function poolTokens({ config, params }: VitNetwork, state: TokenState): Tensor[] {
  const { backend } = state.tokens;
  const { norm } = params;
  const lastNorm = (x: Tensor) => (norm ? named(backend, 'norm', () => normed(config, norm, x)) : x);
  const pool = poolOf(config);
  return scope(backend, () =>
    switchesOf(config).lastNorm === 'pooled'
      ? pool.read(config, params, state).map(lastNorm)
      : pool.read(config, params, { ...state, tokens: lastNorm(state.tokens) }),
  );
}

/**
 * Last norm, pool and head → logits `[B, C]`; distilled models average their two heads. An encoder gives its features.
 */
export function classify(model: VitNetwork, state: TokenState): Tensor {
  return scope(state.tokens.backend, () => readHeads(model, poolTokens(model, state)));
}

/**
 * What `poolTokens` gives → logits `[B, C]`, and the embedding of an image: the output of an encoder, which is also its `logits`;
 * of a classifier what its first head reads, `[B, D]`.
 */
export function readOutputs(
  model: VitNetwork,
  pooled: readonly Tensor[],
): { readonly logits: Tensor; readonly embedding: Tensor } {
  const logits = readHeads(model, pooled);
  return { logits, embedding: givesEmbedding(model.config) ? logits : pooled[0]! };
}

/**
 * What `poolTokens` gives → logits `[B, C]`; distilled models average their two heads, LV-ViT adds half of the largest logit
 * of all patches, class by class. For programs that need the features too.
 */
export function readHeads({ params }: VitNetwork, pooled: readonly Tensor[]): Tensor {
  const [first, second] = pooled as [Tensor, Tensor?];
  const { backend } = first;
  const { head, distilledHead, patchHead } = params;
  return scope(backend, () => {
    const logits = head ? named(backend, 'head', () => dense(head, first)) : first;
    if (!second) return logits;
    if (patchHead) {
      const ofPatches = named(backend, 'aux_head', () => dense(patchHead, second));
      return add(logits, mul(max(ofPatches, 1), 0.5));
    }
    const others = distilledHead ? named(backend, 'head_dist', () => dense(distilledHead, second)) : second;
    return mul(add(logits, others), 0.5);
  });
}
