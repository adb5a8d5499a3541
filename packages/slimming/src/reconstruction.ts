/**
 * The reconstruction error of Algorithm 1: one block and the block above, compared with the output of the block above
 * when all tokens reach it.
 */

import { gather, int32, mul, scope, sub, sum, type Tensor, type Tensors } from '@patchslim/tensor';
import { rowPicker, runBlocks, traceTokens, type BlockPlan, type VitNetwork } from '@patchslim/vit-models';

export interface Reconstruction {
  /** `‖diag(m) (Ẑ − Z)‖²` per image, `[B]`, with `Z` the rows of the target. */
  readonly error: Tensor;
  /** `‖diag(m) Z‖²` per image, `[B]`. */
  readonly size: Tensor;
}

/** Rows that `block + 1` keeps, as token numbers. */
export function rowsAbove({ config }: VitNetwork, block: number, plan: readonly BlockPlan[]): number {
  return traceTokens(config, aloneFrom(block, plan))[block + 1]!.kept.length;
}

/**
 * `E_{block + 1}` of the rows that block `block + 1` keeps, when the original input of `block` runs through both.
 * @param inputs `tokens` `[B, N, D]`: original input of `block`; `target` `[B, N, D]`: see `ExampleStore`
 */
export function reconstruct(
  network: VitNetwork,
  block: number,
  plan: readonly BlockPlan[],
  { tokens, target }: Tensors<'tokens' | 'target'>,
): Reconstruction {
  const { backend } = tokens;
  const local = aloneFrom(block, plan);
  const traced = traceTokens(network.config, local);
  const { kept, output } = traced[block + 1]!;
  return scope(backend, () => {
    const state = { tokens, positions: traced[block]!.input };
    const range = { plan: local, from: block, to: block + 2 };
    const reached = rowPicker(backend, output, kept)(runBlocks(network, state, range).state.tokens);
    const wanted = gather(target, backend.constant(int32([kept.length], kept)), 1);
    return { error: squaredNorm(sub(reached, wanted)), size: squaredNorm(wanted) };
  });
}

/** The original input has all tokens, so the blocks before are dense here, regardless of the plan. */
const aloneFrom = (block: number, plan: readonly BlockPlan[]): BlockPlan[] =>
  plan.map((entry, index) => (index < block ? { kind: 'dense' } : entry));

/** `[B, n, D] → [B]`. */
const squaredNorm = (x: Tensor): Tensor => sum(mul(x, x), [1, 2]);
