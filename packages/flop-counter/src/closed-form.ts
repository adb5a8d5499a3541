/** Formulas for the multiply-accumulates of a vision transformer. `N` tokens, `d` width, `m` MLP width, `P` patch, `C` classes. */

import {
  densePlan,
  isDistilled,
  poolOf,
  stemOf,
  switchesOf,
  traceCounts,
  type BlockCounts,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';

/** Multiply-accumulates of a network for one image, part by part. */
export interface VitMacs {
  /** The stem: of plain patches `(N − prefix) · 3P² · d`. */
  readonly embed: number;
  /** One entry per block, see `blockMacs`; includes `reducing`. */
  readonly blocks: readonly number[];
  /** The reducer's share of each block, which papers do not count. */
  readonly reducing: readonly number[];
  /** Pool and head: `C · d` behind a class token, twice for a distilled model. */
  readonly head: number;
  readonly total: number;
}

/** MACs for one image, dense or with a plan. @throws PLAN_INVALID */
export function vitMacs(config: VitConfig, plan: readonly BlockPlan[] = densePlan(config)): VitMacs {
  const embed = stemOf(config).macs(config);
  const counts = traceCounts(config, plan);
  const reducing = counts.map(({ input, kept }, index) => reducingMacs(config, plan[index]!, input, kept));
  const blocks = counts.map((count, index) => blockMacs(config, count) + reducing[index]!);
  const head = headMacs(config, counts.at(-1)!.output);
  return { embed, blocks, reducing, head, total: sum(blocks) + embed + head };
}

/** @param rows that reach the pool */
function headMacs(config: VitConfig, rows: number): number {
  const pool = poolOf(config);
  if (switchesOf(config).headless) return pool.macs(config, rows);
  const second = isDistilled(config) ? config.width : 0;
  return pool.macs(config, rows) + config.classes * (pool.width(config) + second);
}

/**
 * MACs of one block: `2 n_in d² + 2 n_att d² + 2 n_in n_att d + 2 n_out d m`, with `n_in` tokens that serve as keys and values,
 * `n_att` that attend and `n_out` that reach the MLP; a gated MLP has `3 n_out d m`.
 */
export function blockMacs(
  config: VitConfig,
  { input, attending, kept }: Omit<BlockCounts, 'output'>,
): number {
  const { width, mlpWidth } = config;
  const layers = switchesOf(config).mlp === 'gated' ? 3 : 2;
  const attention = 2 * width * (input * width + attending * width + input * attending);
  return attention + layers * width * kept * mlpWidth;
}

/** The model does not call a reducer that leaves all tokens. */
function reducingMacs(config: VitConfig, entry: BlockPlan, rowsIn: number, rowsOut: number): number {
  return entry.kind === 'reduce' && rowsOut < rowsIn ? entry.reducer.macs(config, rowsIn, rowsOut) : 0;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
