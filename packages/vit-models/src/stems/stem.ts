/** The interface of a stem: the layers that make patch tokens of pixels. */

import type { Shape, Tensor } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import type { ParamEntry } from '../param-entry.js';
import type { VitParams } from '../params.js';

/** The layers before the first block. One file in `stems/` and one line in `list.ts` for each. */
export interface Stem {
  /** The patch projection in a checkpoint, whose shape tells width and patch size. */
  readonly projection: PatchProjection;
  /** The layers of the stem, the patch projection (`patches`) among them. */
  params(config: VitConfig): ParamEntry[];
  /** Images `[B, 3, S, S]` → patch tokens in reading order `[B, g², D]`, without positions. */
  patches(config: VitConfig, params: VitParams<Tensor>, images: Tensor): Tensor;
  /** Multiply-accumulates for one image. */
  macs(config: VitConfig): number;
}

/** The patch projection by its canonical name. */
export interface PatchProjection {
  /** Without `.weight` and `.bias`. */
  readonly tensor: string;
  /** Shape of the weight, for messages. */
  readonly pattern: string;
  /** Pixels of a patch: height and width. */
  patchSize(weight: Shape): readonly [number, number];
}
