/** Methods that choose tokens while the network runs, by what it computes anyway: nothing is learned, no image is needed. */

import type { BlockPlan, VitConfig } from '@patchslim/vit-models';

export interface RuntimeMethod {
  readonly name: string;
  /** For help texts. */
  readonly summary: string;
  /** The schedule of its paper: the tokens that each block leaves, prefix tokens included. */
  readonly defaultCounts: (config: VitConfig) => readonly number[];
  /** A block that leaves `count` of the tokens that reach it. */
  readonly entry: (count: number) => BlockPlan;
}
