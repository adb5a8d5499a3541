/** Tokens and cost of each block under a plan. */

import { vitMacs } from '@patchslim/flop-counter';
import { traceCounts, type BlockPlan, type Keys, type VitConfig } from '@patchslim/vit-models';

/** One block under a plan. Tokens include the class token; MACs are those of one image. */
export interface BlockSummary {
  /** From 1, as in the paper. */
  readonly block: number;
  /** Tokens that reach the block and serve as keys and values. */
  readonly tokensIn: number;
  /** Tokens that the block computes: its queries and its rows of the MLP. */
  readonly tokensKept: number;
  /** Null for a dense block; `compact` for a block that chooses tokens image by image. */
  readonly keys: Keys | null;
  readonly macs: number;
  readonly denseMacs: number;
}

/** Tokens and cost of a plan. */
export interface PlanSummary {
  readonly blocks: readonly BlockSummary[];
  /** For one image and the whole network, patch embedding and classifier included; `ratio` is slimmed / dense. */
  readonly macs: { readonly dense: number; readonly slimmed: number; readonly ratio: number };
}

/**
 * Computes the tokens and the cost of each block under a plan, and the total.
 *
 * @throws PLAN_INVALID when the plan does not fit the model
 * @example
 * summarizePlan(vitConfig('deit-tiny'), losslessPlan(vitConfig('deit-tiny'))).macs.dense; // 1253683200
 */
export function summarizePlan(config: VitConfig, plan: readonly BlockPlan[]): PlanSummary {
  const dense = vitMacs(config);
  const slimmed = vitMacs(config, plan);
  const blocks = traceCounts(config, plan).map(({ input, kept }, index): BlockSummary => {
    return {
      block: index + 1,
      tokensIn: input,
      tokensKept: kept,
      keys: keysOf(plan[index]!),
      macs: slimmed.blocks[index]!,
      denseMacs: dense.blocks[index]!,
    };
  });
  return { blocks, macs: { dense: dense.total, slimmed: slimmed.total, ratio: slimmed.total / dense.total } };
}

function keysOf(entry: BlockPlan): Keys | null {
  switch (entry.kind) {
    case 'dense':
      return null;
    case 'keep':
      return entry.keys;
    case 'reduce':
      return 'compact';
    default:
      return entry satisfies never;
  }
}
