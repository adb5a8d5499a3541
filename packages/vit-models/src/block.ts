/** One transformer block (pre-norm), dense or slimmed: the same code, with fewer rows. */

import {
  add,
  attention,
  attentionProbabilities,
  gelu,
  layerNorm,
  linear,
  matMul,
  mergeHeads,
  named,
  concat,
  splitHeads,
  type Tensor,
} from '@patchslim/tensor';
import type { BlockTokens } from './block-plan.js';
import { positionsTensor, type BlockRows } from './block-rows.js';
import type { VitConfig } from './configs.js';
import type { BlockParams, LinearParams, NormParams } from './params.js';

/** What a block can show besides its result. */
export type CaptureKind = 'input' | 'attention' | 'values' | 'positions';

/** The captures of one block; exactly those asked for are there. `n_in`, `n_out`: rows that reach it, rows computed. */
export interface BlockCapture {
  /** Index of the block, from 0. */
  readonly block: number;
  /** Absent where only the run knows them: at a block that ranks the tokens of each image, and behind it. */
  readonly tokens?: BlockTokens;
  /** Block input before the norm, `Z_{l−1}` in the paper: `[B, n_in, D]`. */
  readonly input?: Tensor;
  /** Attention probabilities: `[B, H, n_out, n_in]`. */
  readonly attention?: Tensor;
  /** Values of all heads: `[B, n_in, D]`. */
  readonly values?: Tensor;
  /** Token positions of the rows computed, image by image: int32 `[B, n_out]`. */
  readonly positions?: Tensor;
}

export interface BlockResult {
  /** `[B, n, D]`: the rows computed, and behind them those that pass through. */
  readonly output: Tensor;
  /** Besides `tokens`, which the block does not know. */
  readonly capture: Omit<BlockCapture, 'tokens'>;
}

/**
 * Runs block `index` on `input` `[B, n_in, D]`.
 *
 * Queries, attention rows, output projection, residual and MLP exist only for the rows that are kept; keys and values
 * come from all rows that reached the block. Slimming one block alone therefore changes nothing in the rows it keeps.
 */
export function runBlock(
  config: VitConfig,
  params: BlockParams<Tensor>,
  index: number,
  input: Tensor,
  { kept, keptPositions, passing }: BlockRows,
  wanted: ReadonlySet<CaptureKind>,
): BlockResult {
  const { backend } = input;
  return named(backend, `blocks.${index}`, () => {
    const normed = named(backend, 'norm1', () => norm(config, params.norm1, input));
    const { attended, captured } = named(backend, 'attn', () => {
      const query = named(backend, 'q', () => dense(params.query, kept(normed)));
      const key = named(backend, 'k', () => dense(params.key, normed));
      const values = named(backend, 'v', () => dense(params.value, normed));
      const { mixed, probabilities } = mix(config, query, key, values, wanted.has('attention'));
      return {
        attended: named(backend, 'proj', () => dense(params.projection, mixed)),
        captured: {
          ...(probabilities ? { attention: probabilities } : {}),
          ...(wanted.has('values') ? { values } : {}),
        },
      };
    });
    const middle = add(kept(input), attended);
    const computed = add(middle, mlp(config, params, middle));
    const positions = () => positionsTensor(backend, keptPositions, input.shape[0]!);
    return {
      output: passing ? concat([computed, passing(input)], 1) : computed,
      capture: {
        block: index,
        ...(wanted.has('input') ? { input } : {}),
        ...captured,
        ...(wanted.has('positions') ? { positions: positions() } : {}),
      },
    };
  });
}

/** Fused attention, unless the probabilities are to be seen. */
function mix({ heads }: VitConfig, query: Tensor, key: Tensor, values: Tensor, visible: boolean) {
  if (!visible) return { mixed: attention(query, key, values, heads) };
  const probabilities = attentionProbabilities(query, key, heads);
  return { mixed: mergeHeads(matMul(probabilities, splitHeads(values, heads))), probabilities };
}

function mlp(config: VitConfig, params: BlockParams<Tensor>, x: Tensor): Tensor {
  const { backend } = x;
  const normed = named(backend, 'norm2', () => norm(config, params.norm2, x));
  return named(backend, 'mlp', () => {
    const hidden = named(backend, 'fc1', () => gelu(dense(params.mlp1, normed)));
    return named(backend, 'fc2', () => dense(params.mlp2, hidden));
  });
}

export const dense = (params: LinearParams<Tensor>, x: Tensor): Tensor =>
  linear(x, params.weight, params.bias);

export const norm = (config: VitConfig, params: NormParams<Tensor>, x: Tensor): Tensor =>
  layerNorm(x, params.gamma, params.beta, config.layerNormEps);
