/** One transformer block (pre-norm), dense or slimmed: the same code, with fewer rows. */

import {
  attention,
  attentionProbabilities,
  concat,
  layerNorm,
  linear,
  log,
  matMul,
  mergeHeads,
  named,
  reshape,
  slice,
  splitHeads,
  Tensor,
  type Epilogue,
} from '@patchslim/tensor';
import type { BlockPlan, BlockTokens, KnownTokens } from './block-plan.js';
import { reducerIn, rowsBeforeMlp, rowsBeforeQueries } from './block-rows.js';
import type { VitConfig } from './configs.js';
import type { BlockParams, LinearParams, NormParams } from './params.js';
import type { BlockView } from './reducer.js';
import { positionsTensor, type TokenState } from './token-state.js';

/** Optional intermediate outputs of a block. */
export type CaptureKind = 'input' | 'attention' | 'values' | 'positions' | 'sources';

/** The captures of one block; exactly those asked for are there. `n_in`, `n_out`: rows that reach it, rows computed. */
export interface BlockCapture {
  /** Index of the block, from 0. */
  readonly block: number;
  /** Absent where only the run knows them: at a block with a reducer, and behind it. */
  readonly tokens?: BlockTokens;
  /** Block input before the norm, `Z_{l−1}` in the paper: `[B, n_in, D]`. */
  readonly input?: Tensor;
  /** Attention probabilities: `[B, H, n_out, n_in]`; all rows where the block reduces after its attention. */
  readonly attention?: Tensor;
  /** Values of all heads: `[B, n_in, D]`. */
  readonly values?: Tensor;
  /** Token positions of the rows computed, image by image: int32 `[B, n_out]`. */
  readonly positions?: Tensor;
  /**
   * What each row computed is made of: weights of the rows that the run began with, `[B, n_out, n_start]`. They sum to one,
   * but for a row into which the rest was fused: that is no mean.
   */
  readonly sources?: Tensor;
}

export interface BlockResult {
  /** The rows computed, and behind them those that pass through. */
  readonly state: TokenState;
  /** Besides `tokens`, which the block does not know. */
  readonly capture: Omit<BlockCapture, 'tokens'>;
}

/**
 * Runs block `index` on the tokens that reach it, as `entry` of a plan says.
 *
 * Queries, attention rows, output projection, residual and MLP exist only for the rows that are kept; keys and values
 * come from all rows that reached the block. Slimming one block alone therefore changes nothing in the rows it keeps.
 * @param traced what is known of the tokens before the run
 */
export function runBlock(
  config: VitConfig,
  params: BlockParams<Tensor>,
  index: number,
  entry: BlockPlan,
  state: TokenState,
  traced: KnownTokens,
  wanted: ReadonlySet<CaptureKind>,
): BlockResult {
  const { tokens: input, sizes } = state;
  const { backend } = input;
  const [batch, rowsIn] = input.shape as [number, number];
  return named(backend, `blocks.${index}`, () => {
    const inAttention = <T>(make: () => T): T => named(backend, 'attn', make);
    const normOf = (x: Tensor) => named(backend, 'norm1', () => norm(config, params.norm1, x));
    const normed = normOf(input);
    const { keys, values } = inAttention(() => ({
      keys: named(backend, 'k', () => dense(params.key, normed)),
      values: named(backend, 'v', () => dense(params.value, normed)),
    }));
    // A row that stands for several tokens is attended to as they would be (proportional attention, ToMe).
    const bias = sizes && reshape(log(sizes), [batch, 1, 1, rowsIn]);
    const queriesOf = (x: Tensor) => inAttention(() => named(backend, 'q', () => dense(params.query, x)));
    let classAttention: Tensor | undefined;
    const view: BlockView = {
      ...state,
      config,
      rows: input,
      keys,
      values,
      classAttention: () =>
        (classAttention ??= attentionProbabilities(queriesOf(classRow(state, normed)), keys, config.heads, {
          bias,
        })),
    };
    const reduce = <T>(make: () => T): T => named(backend, 'reduce', make);
    const attending = reduce(() => rowsBeforeQueries(entry, view, traced));
    const residual = attending.rows(input);
    const queries = queriesOf(attending.mixes ? normOf(residual) : attending.rows(normed));
    const { whole, probabilities } = inAttention(() => {
      const visible = wanted.has('attention') || reducerIn(entry, rowsIn)?.reducer.needsAttention === true;
      const { mixed, probabilities } = mix(config, { queries, keys, values, bias }, visible);
      return {
        whole: named(backend, 'proj', () => dense(params.projection, mixed, { residual })),
        probabilities,
      };
    });
    const computing = reduce(() =>
      rowsBeforeMlp(entry, { ...view, rows: whole, attention: probabilities }, attending),
    );
    const middle = computing.rows(whole);
    const computed = mlp(config, params, middle);
    const sources = state.sources && reduce(() => computing.rows(attending.rows(state.sources!)));
    const leaving = (made: Tensor, before: Tensor): Tensor =>
      computing.passing ? concat([made, computing.passing(before)], 1) : made;
    return {
      state: {
        tokens: leaving(computed, input),
        positions: computing.output,
        sizes: computing.sizes,
        sources: sources && leaving(sources, state.sources),
        globalClassAttention: computing.globalClassAttention,
      },
      capture: {
        block: index,
        ...(wanted.has('input') ? { input } : {}),
        ...(probabilities && wanted.has('attention') ? { attention: probabilities } : {}),
        ...(wanted.has('values') ? { values } : {}),
        ...(wanted.has('positions')
          ? { positions: positionsTensor(backend, computing.positions, batch) }
          : {}),
        ...(wanted.has('sources') && sources ? { sources } : {}),
      },
    };
  });
}

/** The row of the class token: `[B, n, …] → [B, 1, …]`. */
function classRow({ positions }: TokenState, x: Tensor): Tensor {
  const row = positions instanceof Tensor ? 0 : positions.indexOf(0);
  return slice(x, [0, row, 0], [-1, 1, -1]);
}

interface AttentionInputs {
  /** `[B, n_out, D]`. */
  readonly queries: Tensor;
  /** `[B, n_in, D]`. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** `[B, 1, 1, n_in]`. */
  readonly bias: Tensor | undefined;
}

/** Fused attention, unless the probabilities are to be seen. */
function mix({ heads }: VitConfig, { queries, keys, values, bias }: AttentionInputs, visible: boolean) {
  if (!visible) return { mixed: attention(queries, keys, values, heads, { bias }) };
  const probabilities = attentionProbabilities(queries, keys, heads, { bias });
  return { mixed: mergeHeads(matMul(probabilities, splitHeads(values, heads))), probabilities };
}

/** With its residual. */
function mlp(config: VitConfig, params: BlockParams<Tensor>, x: Tensor): Tensor {
  const { backend } = x;
  const normed = named(backend, 'norm2', () => norm(config, params.norm2, x));
  return named(backend, 'mlp', () => {
    const hidden = named(backend, 'fc1', () => dense(params.mlp1, normed, { activation: 'gelu' }));
    return named(backend, 'fc2', () => dense(params.mlp2, hidden, { residual: x }));
  });
}

export const dense = (params: LinearParams<Tensor>, x: Tensor, epilogue?: Epilogue): Tensor =>
  linear(x, params.weight, params.bias, epilogue);

export const norm = (config: VitConfig, params: NormParams<Tensor>, x: Tensor): Tensor =>
  layerNorm(x, params.gamma, params.beta, config.layerNormEps);
