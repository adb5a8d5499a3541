/** Multiply-accumulates of a vision transformer as formulas. `N` tokens, `d` width, `m` MLP width, `P` patch, `C` classes. */

import {
  densePlan,
  prefixTokens,
  tokenCount,
  traceCounts,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';

export interface VitMacs {
  /** Patch embedding: `(N − prefix) · 3P² · d`. */
  readonly embed: number;
  /** One entry per block: see `blockMacs` and `rankingMacs`. */
  readonly blocks: readonly number[];
  /** `C · d`, twice for a distilled model. */
  readonly head: number;
  readonly total: number;
}

/** MACs for one image, dense or under a plan. @throws PLAN_INVALID */
export function vitMacs(config: VitConfig, plan: readonly BlockPlan[] = densePlan(config)): VitMacs {
  const prefix = prefixTokens(config);
  const embed = (tokenCount(config) - prefix) * 3 * config.patchSize ** 2 * config.width;
  const blocks = traceCounts(config, plan).map(
    ({ input, kept }, index) => blockMacs(config, input, kept) + rankingMacs(plan[index]!, input),
  );
  const head = prefix * config.classes * config.width;
  return { embed, blocks, head, total: blocks.reduce((sum, macs) => sum + macs, embed + head) };
}

/**
 * One block with `rowsIn` tokens for keys and values and `rowsOut` computed ones:
 * `2 n_in d² + 2 n_out d² + 2 n_in n_out d + 2 n_out d m`.
 */
export function blockMacs({ width, mlpWidth }: VitConfig, rowsIn: number, rowsOut: number): number {
  return 2 * width * (rowsIn * width + rowsOut * width + rowsIn * rowsOut + rowsOut * mlpWidth);
}

/**
 * What it takes to choose the tokens of a block in which `rowsIn` tokens arrive: `n_in g` for a predictor with `g`
 * weights, else nothing. The means over groups of channels before it are additions, like those of a norm, and as free.
 */
function rankingMacs(entry: BlockPlan, rowsIn: number): number {
  return entry.kind === 'rank' ? rowsIn * entry.ranker.weights.length : 0;
}
