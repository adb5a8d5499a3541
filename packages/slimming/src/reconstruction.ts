/**
 * The reconstruction error of Algorithm 1, as a computation: one block and the block above, against what the block above
 * gives when all tokens reach it.
 */

import { mul, scope, sub, sum, type Tensor, type Tensors } from '@patchslim/tensor';
import {
  rowPicker,
  runBlocks,
  traceTokens,
  type BlockPlan,
  type TokenState,
  type VitNetwork,
} from '@patchslim/vit-models';

export interface Reconstruction {
  /** `‖diag(m) (Ẑ − Z)‖²` per image, `[B]`, with `Z` the rows of the block above on original features. */
  readonly error: Tensor;
  /** `‖diag(m) Z‖²` per image, `[B]`. */
  readonly size: Tensor;
}

/** Rows that `block + 1` keeps; numbers of tokens. */
export function rowsAbove({ config }: VitNetwork, block: number, plan: readonly BlockPlan[]): number {
  return traceTokens(config, aloneFrom(block, plan))[block + 1]!.kept.length;
}

/**
 * `E_{block + 1}` of the rows that block `block + 1` keeps, when the original input of `block` runs through both. In a
 * network that was not adapted `Z` are the dense features. A block above that has learned to make up for its own tokens
 * gives others on purpose, and `block` is not to undo that: `Z` is then what it gives for its original input.
 * @param inputs `[B, N, D]`: `tokens`, the original input of `block`; `above`, that of `block + 1`
 */
export function reconstruct(
  network: VitNetwork,
  block: number,
  plan: readonly BlockPlan[],
  { tokens, above }: Tensors<'tokens' | 'above'>,
): Reconstruction {
  const { backend } = tokens;
  const local = aloneFrom(block, plan);
  const traced = traceTokens(network.config, local);
  const { kept } = traced[block + 1]!;
  return scope(backend, () => {
    const positions = traced[block]!.input;
    const through = { plan: local, from: block, to: block + 2 };
    const reached = runBlocks(network, { tokens, positions }, through).state;
    const alone = { plan: local.with(block, { kind: 'dense' }), from: block + 1, to: block + 2 };
    const whole = runBlocks(network, { tokens: above, positions }, alone).state;
    const rowsIn = ({ tokens: rows, positions: present }: TokenState) =>
      rowPicker(backend, present as readonly number[], kept)(rows);
    const wanted = rowsIn(whole);
    return { error: squaredNorm(sub(rowsIn(reached), wanted)), size: squaredNorm(wanted) };
  });
}

/** The original input has all tokens, so the blocks before are dense here, whatever the plan will make of them. */
const aloneFrom = (block: number, plan: readonly BlockPlan[]): BlockPlan[] =>
  plan.map((entry, index) => (index < block ? { kind: 'dense' } : entry));

/** `[B, n, D] → [B]`. */
const squaredNorm = (x: Tensor): Tensor => sum(mul(x, x), [1, 2]);
