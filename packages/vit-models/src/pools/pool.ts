/** The interface of a pool: the step from tokens to the features that a head reads. */

import type { Tensor } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import type { ParamEntry } from '../param-entry.js';
import type { VitParams } from '../params.js';
import type { TokenState } from '../token-state.js';

/** One file in `pools/` and one line in `list.ts` for each. */
export interface Pool {
  /** Whether it reads patches, so that the last block has to compute them. */
  readonly readsPatches: boolean;
  /** Channels of the features. */
  width(config: VitConfig): number;
  /** Its own layers. */
  params(config: VitConfig): ParamEntry[];
  /**
   * The features of each head, `[B, C]`, or `[B, n, C]` of a head that reads every patch. A row that stands for several tokens counts as several.
   *
   * @param state behind the last norm, where that is on the tokens
   */
  read(config: VitConfig, params: VitParams<Tensor>, state: TokenState): Tensor[];
  /**
   * How the head would attend to the tokens of some block, `[B, H, 1, n]`: what stands for the class token's attention in a
   * network without one. Absent where the pool attends to all tokens alike.
   */
  attention?(config: VitConfig, params: VitParams<Tensor>, state: TokenState): Tensor;
  /** Multiply-accumulates of `attention` for one image, by the number of tokens. */
  attentionMacs?(config: VitConfig, rows: number): number;
  /** Multiply-accumulates of its layers for one image, by the number of tokens that reach it. */
  macs(config: VitConfig, rows: number): number;
}
