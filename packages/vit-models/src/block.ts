/** One transformer block (norm before each branch), dense or slimmed: the same code, with fewer rows. */

import {
  add,
  attention,
  attentionProbabilities,
  concat,
  log,
  matMul,
  mean,
  mergeHeads,
  mul,
  named,
  reshape,
  slice,
  splitHeads,
  Tensor,
} from '@patchslim/tensor';
import type { BlockPlan, BlockTokens, KnownTokens } from './block-plan.js';
import { reducerIn, rowsBeforeMlp, rowsBeforeQueries } from './block-rows.js';
import { hasClassToken, prefixRoles, switchesOf, type VitConfig } from './config.js';
import { dense, mlpOf, normed } from './layers.js';
import type { BlockParams, VitNetwork } from './params.js';
import { poolOf } from './pools/list.js';
import { relativeBias } from './positions/relative.js';
import { rotated } from './positions/rope.js';
import type { BlockView } from './reducer.js';
import { positionsTensor, type Positions, type TokenState } from './token-state.js';

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
  { config, params: network }: VitNetwork,
  index: number,
  entry: BlockPlan,
  state: TokenState,
  traced: KnownTokens,
  wanted: ReadonlySet<CaptureKind>,
): BlockResult {
  const params = network.blocks[index]!;
  const { tokens: input } = state;
  const { backend } = input;
  const [batch, rowsIn] = input.shape as [number, number];
  return named(backend, `blocks.${index}`, () => {
    const inAttention = <T>(make: () => T): T => named(backend, 'attn', make);
    const normOf = (x: Tensor) => named(backend, 'norm1', () => normed(config, params.norm1, x));
    const whole = normOf(input);
    const { keys, values } = inAttention(() => ({
      keys: named(backend, 'k', () => dense(params.key, whole)),
      values: named(backend, 'v', () => dense(params.value, whole)),
    }));
    const turnedKeys = inAttention(() => rotated(config, keys, state.positions));
    const queriesOf = (x: Tensor, positions: Positions) =>
      inAttention(() =>
        rotated(
          config,
          named(backend, 'q', () => dense(params.query, x)),
          positions,
        ),
      );
    // A row that stands for several tokens is attended to as they would be (proportional attention, ToMe).
    const bySize = state.sizes && reshape(log(state.sizes), [batch, 1, 1, rowsIn]);
    const biasOf = (queries: Positions) => {
      const table = params.relativePositions;
      const byOffset = table && relativeBias(config, table, queries, state.positions);
      return bySize && byOffset ? add(byOffset, bySize) : (byOffset ?? bySize);
    };
    const attentionOfClass = (): Tensor => {
      const { heads } = config;
      const pool = poolOf(config);
      if (!hasClassToken(config) && pool.attention) return pool.attention(config, network, state);
      if (!hasClassToken(config)) {
        // The query of the mean token stands for the mean of the queries.
        const query = inAttention(() => dense(params.query, mean(whole, 1, { keepDims: true })));
        return attentionProbabilities(query, keys, heads, { bias: bySize });
      }
      const positions = [classPosition(config)];
      const query = queriesOf(slice(whole, [0, classRow(config, state), 0], [-1, 1, -1]), positions);
      return attentionProbabilities(query, turnedKeys, heads, { bias: biasOf(positions) });
    };
    let classAttention: Tensor | undefined;
    const view: BlockView = {
      ...state,
      config,
      rows: input,
      keys,
      values,
      classAttention: () => (classAttention ??= attentionOfClass()),
    };
    const reduce = <T>(make: () => T): T => named(backend, 'reduce', make);
    const attending = reduce(() => rowsBeforeQueries(entry, view, traced));
    const residual = attending.tokens ?? attending.rows(input);
    const queries = queriesOf(
      attending.mixes ? normOf(residual) : attending.rows(whole),
      attending.positions,
    );
    const { attended, probabilities } = inAttention(() => {
      const visible = wanted.has('attention') || reducerIn(entry, rowsIn)?.reducer.needsAttention === true;
      const bias = biasOf(attending.positions);
      const { mixed, probabilities } = mix(config, { queries, keys: turnedKeys, values, bias }, visible);
      const ready = params.attentionNorm ? normed(config, params.attentionNorm, mixed) : mixed;
      const projected = named(backend, 'proj', () =>
        withBranch(config, params.scale1, residual, (epilogue) => dense(params.projection, ready, epilogue)),
      );
      return { attended: projected, probabilities };
    });
    const computing = reduce(() =>
      rowsBeforeMlp(entry, { ...view, rows: attended, attention: probabilities }, attending),
    );
    const computed = withMlp(config, params, computing.tokens ?? computing.rows(attended));
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

/** Position of the class token in the dense network. */
const classPosition = (config: VitConfig): number => prefixRoles(config).indexOf('class');

/** The class token's row. */
function classRow(config: VitConfig, { positions }: TokenState): number {
  const position = classPosition(config);
  return positions instanceof Tensor ? position : positions.indexOf(position);
}

/**
 * A branch added to the tokens, scaled where the architecture scales it.
 *
 * @param branch the last layer of the branch; it adds the residual itself where nothing is scaled
 */
function withBranch(
  config: VitConfig,
  layerScale: Tensor | undefined,
  residual: Tensor,
  branch: (epilogue?: { readonly residual: Tensor }) => Tensor,
): Tensor {
  const { residualScale } = switchesOf(config);
  if (layerScale) return add(residual, mul(branch(), layerScale));
  return residualScale === 1 ? branch({ residual }) : add(residual, mul(branch(), residualScale));
}

interface AttentionInputs {
  /** `[B, n_out, D]`. */
  readonly queries: Tensor;
  /** `[B, n_in, D]`. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Broadcasts to `[B, H, n_out, n_in]`. */
  readonly bias: Tensor | undefined;
}

/** Fused attention, unless the probabilities are to be seen. */
function mix({ heads }: VitConfig, { queries, keys, values, bias }: AttentionInputs, visible: boolean) {
  if (!visible) return { mixed: attention(queries, keys, values, heads, { bias }) };
  const probabilities = attentionProbabilities(queries, keys, heads, { bias });
  return { mixed: mergeHeads(matMul(probabilities, splitHeads(values, heads))), probabilities };
}

/** The MLP with its residual. */
function withMlp(config: VitConfig, params: BlockParams<Tensor>, x: Tensor): Tensor {
  const { backend } = x;
  const ready = named(backend, 'norm2', () => normed(config, params.norm2, x));
  return named(backend, 'mlp', () =>
    withBranch(config, params.scale2, x, (epilogue) => mlpOf(config, params, ready, epilogue)),
  );
}
