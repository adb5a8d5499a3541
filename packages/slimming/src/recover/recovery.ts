/** Recovery: adapts parameters to a plan, so that the slimmed network gives the outputs of the dense one. */

import type { ImageSet } from '@patchslim/datasets';
import type { HostTensor, LongCallOptions } from '@patchslim/tensor';
import type { PlanStepOf } from '@patchslim/slimming-schedules';
import type { BlockPlan, VitModel, VitParams } from '@patchslim/vit-models';
import type { Saved } from '../job/saved.js';

/** A recovery that another one took, as text, or `none`, and why. */
export type ChosenRecovery = NonNullable<PlanStepOf<'recovered'>['chosen']>;

/** Inputs of a recovery. */
export interface RecoveryContext extends LongCallOptions {
  /** Calibration images. */
  readonly images: ImageSet;
  /** Held-out images that choose between solutions and decide when to stop. */
  readonly heldBack: ImageSet;
  /** Images per batch. */
  readonly batchSize: number;
  readonly seed: number;
  /**
   * The plan of the same method at another share of the dense multiply-accumulates. Undefined where the method needs images for
   * each plan. @throws INVALID_ARGUMENT for a share that it cannot reach
   */
  readonly planAt?: ((share: number) => readonly BlockPlan[]) | undefined;
  /** Receives the choice of a recovery that chooses another one, with its reason. */
  readonly onChoice?: ((choice: ChosenRecovery) => void) | undefined;
  /** Place for saved progress, so that an interrupted job can continue. Default: nothing is saved. */
  readonly saved?: Saved | undefined;
}

/** A way to adapt weights to a plan. */
export interface Recovery {
  readonly name: string;
  /** The text that `parseRecovery` reads back. */
  readonly spec: string;
  /** Whether it accepts only plans with fixed positions, not plans that choose tokens per image. */
  readonly needsPositions: boolean;
  /** Whether it adapts weights to several plans of one method (`planAt`). The method must need no images. */
  readonly needsPlans?: boolean;
  /** Whether it learns labels, which an encoder has no classes for. */
  readonly needsLabels?: boolean;
  /**
   * Returns parameters for the slimmed network.
   * @param dense the target; it is unchanged
   * @param start initial parameters: the dense network's, or the result of an earlier recovery
   */
  recover(
    dense: VitModel,
    start: VitModel,
    plan: readonly BlockPlan[],
    context: RecoveryContext,
  ): Promise<VitParams<HostTensor<'float32'>>>;
}
