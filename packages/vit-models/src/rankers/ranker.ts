/** What ranks the tokens of an image while the network runs. To add a ranker: write its file, add its data and a line here. */

import type { Tensor } from '@patchslim/tensor';
import type { BlockView } from '../choosing/block-view.js';
import type { VitConfig } from '../configs.js';
import { attentionReceived } from './attention-received.js';
import { classAttention } from './class-attention.js';
import { globalClassAttention } from './global-class-attention.js';
import { predictor, type PredictorRanker } from './predictor.js';
import { sampledAttention } from './sampled-attention.js';

/**
 * The data of a ranker, as a plan holds it.
 * - `predictor`: learned (DPS-ViT, §4.4 of the paper).
 * - `class-attention`: what the class token attends to in the block itself, averaged over the heads (EViT, arXiv 2202.07800).
 * - `global-class-attention`: the same, averaged with what it was in blocks before (Evo-ViT, arXiv 2108.01390).
 * - `sampled-attention`: sampled from class attention times the norms of the values (ATS, arXiv 2111.15667).
 * - `attention-received`: what all tokens attend to (PoWER-BERT, arXiv 2001.08950); chosen behind the attention.
 */
export type Ranker =
  | PredictorRanker
  | { readonly name: 'class-attention' }
  | { readonly name: 'global-class-attention' }
  | { readonly name: 'sampled-attention' }
  | { readonly name: 'attention-received' };

/** How a ranker works. `n_in` rows reach the block. */
export interface Ranking {
  /** Whether it looks at what every token attends to. */
  readonly seesAttention: boolean;
  /** `[B, n_in]`; those of the prefix tokens are not read. */
  readonly scores: (view: BlockView, rowsOut: number) => Tensor;
  /** What the next block is told of these rows, if anything: `[B, n_in, 1]`. */
  readonly attended?: (view: BlockView) => Tensor;
  /** What keeps it from being run in a model, if anything. */
  problem?(config: VitConfig): string | undefined;
  /** Multiply-accumulates for one image. */
  macs(config: VitConfig, rowsIn: number): number;
}

export function rankingOf(ranker: Ranker): Ranking {
  switch (ranker.name) {
    case 'predictor':
      return predictor(ranker);
    case 'class-attention':
      return classAttention;
    case 'global-class-attention':
      return globalClassAttention;
    case 'sampled-attention':
      return sampledAttention;
    case 'attention-received':
      return attentionReceived;
    default:
      return ranker satisfies never;
  }
}
