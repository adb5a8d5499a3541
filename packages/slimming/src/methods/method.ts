/** What a method is: a way from a model, images and a schedule to a plan. */

import type { ImageSet } from '@patchslim/datasets';
import type { Schedule, SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan, VitConfig, VitModel } from '@patchslim/vit-models';
import type { EntryOf } from '../counted-plan.js';

/** What every method takes to make a plan. */
export interface PlanningOptions extends LongCallOptions {
  /** One that knows its counts beforehand: `budget:…`, `constant:…`, `counts:…` or `keep-ratio:…`. */
  readonly schedule: Schedule;
  readonly seed: number;
  readonly batchSize: number;
}

/** A way to make a plan: which tokens each block computes. */
export interface Method {
  readonly name: string;
  /** For help texts. */
  readonly summary: string;
  /**
   * @param images to calibrate on; a method that chooses at run time does not look at them
   * @throws INVALID_ARGUMENT, PLAN_INVALID for counts that the method cannot reach; what decoding throws
   */
  plan(model: VitModel, images: ImageSet, options: PlanningOptions): Promise<SlimPlan>;
}

/** A method that chooses tokens while the network runs, by what that computes anyway. It learns nothing. */
export interface RuntimeMethod {
  readonly name: string;
  /** For help texts. */
  readonly summary: string;
  /** The plan of its paper, where that has one for the model. */
  readonly preset?: (config: VitConfig) => readonly BlockPlan[] | undefined;
  /** A block that leaves `count` of the tokens that reach it. */
  readonly entry: EntryOf;
}
