/** Formulas for the multiply-accumulates of a vision transformer. `N` tokens, `d` width, `m` MLP width, `P` patch, `C` classes. */

import {
  densePlan,
  prefixTokens,
  tokenCount,
  traceCounts,
  type BlockCounts,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';

/** Multiply-accumulates of a network for one image, part by part. */
export interface VitMacs {
  /** Patch embedding: `(N − prefix) · 3P² · d`. */
  readonly embed: number;
  /** One entry per block, see `blockMacs`; includes `reducing`. */
  readonly blocks: readonly number[];
  /** The reducer's share of each block, which papers do not count. */
  readonly reducing: readonly number[];
  /** `C · d`, twice for a distilled model. */
  readonly head: number;
  readonly total: number;
}

/** MACs for one image, dense or with a plan. @throws PLAN_INVALID */
export function vitMacs(config: VitConfig, plan: readonly BlockPlan[] = densePlan(config)): VitMacs {
  const prefix = prefixTokens(config);
  const embed = (tokenCount(config) - prefix) * 3 * config.patchSize ** 2 * config.width;
  const counts = traceCounts(config, plan);
  const reducing = counts.map(({ input, kept }, index) => reducingMacs(config, plan[index]!, input, kept));
  const blocks = counts.map((count, index) => blockMacs(config, count) + reducing[index]!);
  const head = prefix * config.classes * config.width;
  return { embed, blocks, reducing, head, total: sum(blocks) + embed + head };
}

/**
 * MACs of one block: `2 n_in d² + 2 n_att d² + 2 n_in n_att d + 2 n_out d m`, with `n_in` tokens that serve as keys and values,
 * `n_att` that attend and `n_out` that reach the MLP.
 */
export function blockMacs(
  { width, mlpWidth }: VitConfig,
  { input, attending, kept }: Omit<BlockCounts, 'output'>,
): number {
  return 2 * width * (input * width + attending * width + input * attending + kept * mlpWidth);
}

/** The model does not call a reducer that leaves all tokens. */
function reducingMacs(config: VitConfig, entry: BlockPlan, rowsIn: number, rowsOut: number): number {
  return entry.kind === 'reduce' && rowsOut < rowsIn ? entry.reducer.macs(config, rowsIn, rowsOut) : 0;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
