/** How a block chooses, image by image, what it computes: what all rankers and mergers have in common. */

import type { ChoosingPlan } from '../block-plan.js';
import type { VitConfig } from '../configs.js';
import { mergingOf } from '../mergers/merger.js';
import { rankingOf } from '../rankers/ranker.js';
import type { BlockRows, BlockView } from './block-view.js';
import { rankChoice } from './ranked-rows.js';

/** `n_in` rows reach the block, `n_out` of them are left. */
export interface Choice {
  /** Whether it chooses between attention and MLP; else before the queries, which saves attention too. */
  readonly behindAttention: boolean;
  /** Whether it looks at what every token attends to; only behind the attention. */
  readonly seesAttention: boolean;
  /** Fewest tokens that it can leave. */
  least(config: VitConfig, rowsIn: number): number;
  /** What keeps it from being run, if anything. */
  problem?(config: VitConfig, rowsIn: number, rowsOut: number): string | undefined;
  rows(view: BlockView, rowsOut: number): BlockRows;
  /** Multiply-accumulates of the choice for one image, where it leaves fewer rows than there are. */
  macs(config: VitConfig, rowsIn: number, rowsOut: number): number;
}

/** How a block of a plan chooses: by its ranker, or by its merger. */
export function choiceOf(entry: ChoosingPlan): Choice {
  return entry.kind === 'rank' ? rankChoice(rankingOf(entry.ranker), entry.rest) : mergingOf(entry.merger);
}
