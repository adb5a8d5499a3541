/**
 * The rows for least squares in a block: the output projection of its attention, when the slimmed network runs on
 * rows of the dense network.
 */

import {
  add,
  attention,
  concat,
  layerNorm,
  linear,
  type Backend,
  type Tensor,
  range,
} from '@patchslim/tensor';
import {
  embed,
  rowPicker,
  runBlocks,
  tokenCount,
  traceTokens,
  type BlockParams,
  type BlockPlan,
  type BlockTokens,
  type LinearParams,
  type VitConfig,
  type VitNetwork,
} from '@patchslim/vit-models';

/** The projection of one block, over the `n` rows that the block computes. */
export interface ProjectionRows {
  /** Mixed values: the input of the projection, `[B, n, D]`. */
  readonly input: Tensor;
  /** The resulting middle of the block, `[B, n, D]`. */
  readonly reached: Tensor;
  /** The middle of the dense network's block, `[B, n, D]`. */
  readonly wanted: Tensor;
}

/**
 * Every row that a slimmed block has computed is replaced by the dense network's row. The rows that reach a block are
 * then right, so its error is its own: it lacks tokens (or with `all` keys has outdated ones).
 * @param slimmed parameters of the slimmed network
 * @param images `[B, 3, S, S]`
 * @returns rows of each block in `blocks`
 */
export function projectionRows(
  dense: VitNetwork,
  slimmed: VitNetwork,
  plan: readonly BlockPlan[],
  images: Tensor,
  blocks: readonly number[],
): ProjectionRows[] {
  const { config } = dense;
  const { backend } = images;
  const traced = traceTokens(config, plan);
  const everywhere = range(tokenCount(config));
  const { state, captures } = runBlocks(dense, embed(dense, images), {
    to: config.depth - 1,
    capture: ['input'],
  });
  const inputs = [...captures.map(({ input }) => input!), state.tokens];
  const rows: ProjectionRows[] = [];
  let tokens = inputs[0]!;
  for (const [block, around] of traced.entries()) {
    const { kept } = around;
    if (blocks.includes(block)) {
      const { mixed: input, middle: reached } = attend(config, slimmed.params.blocks[block]!, around, tokens);
      const whole = { input: everywhere, kept };
      const { middle: wanted } = attend(config, dense.params.blocks[block]!, whole, inputs[block]!);
      rows.push({ input, reached, wanted });
    }
    const behind = inputs[block + 1];
    if (behind) tokens = replaced(backend, around, tokens, rowPicker(backend, everywhere, kept)(behind));
  }
  return rows;
}

/** The rows after a block: `computed`, and the bypassed rows of `tokens`. */
function replaced(
  backend: Backend,
  { input, kept, output }: BlockTokens,
  tokens: Tensor,
  computed: Tensor,
): Tensor {
  const passing = output.slice(kept.length);
  return passing.length > 0 ? concat([computed, rowPicker(backend, input, passing)(tokens)], 1) : computed;
}

/** Attention of a block as in `runBlock` of `vit-models`: the input of its projection and the middle of the block. */
function attend(
  { heads, layerNormEps }: VitConfig,
  { norm1, query, key, value, projection }: BlockParams<Tensor>,
  { input, kept }: Pick<BlockTokens, 'input' | 'kept'>,
  tokens: Tensor,
) {
  const pick = rowPicker(tokens.backend, input, kept);
  const normed = layerNorm(tokens, norm1.gamma, norm1.beta, layerNormEps);
  const mixed = attention(apply(query, pick(normed)), apply(key, normed), apply(value, normed), heads);
  return { mixed, middle: add(pick(tokens), apply(projection, mixed)) };
}

const apply = ({ weight, bias }: LinearParams<Tensor>, x: Tensor): Tensor => linear(x, weight, bias);
