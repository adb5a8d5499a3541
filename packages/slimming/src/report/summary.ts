/** What a plan computes and what that costs, block by block. */

import { vitMacs } from '@patchslim/flop-counter';
import { traceTokens, type BlockPlan, type Keys, type VitConfig } from '@patchslim/vit-models';

/** One block under a plan. Tokens include the class token; MACs are those of one image. */
export interface BlockSummary {
  /** From 1, as in the paper. */
  readonly block: number;
  /** Tokens that reach the block: its keys and values. */
  readonly tokensIn: number;
  /** Tokens that the block computes: its queries and MLP rows. */
  readonly tokensKept: number;
  /** Null for a dense block. */
  readonly keys: Keys | null;
  readonly macs: number;
  readonly denseMacs: number;
}

export interface PlanSummary {
  readonly blocks: readonly BlockSummary[];
  /** Of the whole network, patch embedding and classifier included; `ratio` is slimmed / dense. */
  readonly macs: { readonly dense: number; readonly slimmed: number; readonly ratio: number };
}

/**
 * Sums up a plan.
 *
 * @throws PLAN_INVALID when the plan does not fit the model
 * @example
 * summarizePlan(vitConfig('deit-tiny'), losslessPlan(vitConfig('deit-tiny'))).macs.dense; // 1253683200
 */
export function summarizePlan(config: VitConfig, plan: readonly BlockPlan[]): PlanSummary {
  const dense = vitMacs(config);
  const slimmed = vitMacs(config, plan);
  const blocks = traceTokens(config, plan).map(({ input, kept }, index): BlockSummary => {
    const entry = plan[index]!;
    return {
      block: index + 1,
      tokensIn: input.length,
      tokensKept: kept.length,
      keys: entry.kind === 'keep' ? entry.keys : null,
      macs: slimmed.blocks[index]!,
      denseMacs: dense.blocks[index]!,
    };
  });
  return { blocks, macs: { dense: dense.total, slimmed: slimmed.total, ratio: slimmed.total / dense.total } };
}
