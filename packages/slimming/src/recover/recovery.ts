/** Recovery: parameters adapted to a plan, so that the slimmed network gives again what the dense one gave. */

import type { ImageSet } from '@patchslim/datasets';
import type { HostTensor, LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan, VitModel, VitParams } from '@patchslim/vit-models';
import type { Saved } from '../job/saved.js';

/** What a recovery works with. */
export interface RecoveryContext extends LongCallOptions {
  /** Calibration images. */
  readonly images: ImageSet;
  /** Images that choose between solutions and tell when to stop; never learned from. */
  readonly heldBack: ImageSet;
  /** Images at a time. */
  readonly batchSize: number;
  readonly seed: number;
  /** Where what is learned so far is kept, for a job that is cut off; not at all when left out. */
  readonly saved?: Saved | undefined;
}

/** A way to adapt weights to a plan. */
export interface Recovery {
  readonly name: string;
  /** The text that `parseRecovery` reads back. */
  readonly spec: string;
  /** Whether it takes only plans whose positions are known before the run: none that choose image by image. */
  readonly needsPositions: boolean;
  /**
   * Parameters for the slimmed network.
   * @param dense what the result is held to; it is not changed
   * @param start where to begin: the dense network, or what an earlier recovery has made of it
   */
  recover(
    dense: VitModel,
    start: VitModel,
    plan: readonly BlockPlan[],
    context: RecoveryContext,
  ): Promise<VitParams<HostTensor<'float32'>>>;
}
