/**
 * What a schedule is: it decides how many and which tokens each block keeps. It asks an oracle for scores and errors,
 * and so knows nothing of images, backends or estimators. Blocks count from 0 here; texts for people count from 1, as
 * the paper does.
 */

import type { LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan, Keys, VitConfig } from '@patchslim/vit-models';
import type { Scores } from './selection.js';

/** What a schedule can ask about the network on the calibration images. */
export interface SlimmingOracle {
  readonly config: VitConfig;
  readonly keys: Keys;
  /** Importance of every token at `block`, with the deeper blocks as in `plan` and this one and those before it dense. */
  scores(block: number, plan: readonly BlockPlan[]): Promise<Scores>;
  /**
   * Reconstruction error `E_block` of the rows that `block` keeps, when the original input of block `block − 1` runs
   * through blocks `block − 1` and `block` of `plan`.
   */
  error(block: number, plan: readonly BlockPlan[], norm: ErrorNorm): Promise<number>;
}

/**
 * How `diag(m)(Ẑ − Z)` becomes one number. The paper writes a squared Frobenius norm and gives no normalisation.
 * `sum`: squared norm, mean over images; `mean`: per element; `relative`: over the squared norm of `diag(m) Z`.
 */
export type ErrorNorm = 'sum' | 'mean' | 'relative';
export const errorNorms: readonly ErrorNorm[] = ['sum', 'mean', 'relative'];

export interface ScheduleResult {
  readonly plan: readonly BlockPlan[];
  /** Top-down only: the error one block above, at which the search of each block stopped; null where none was done. */
  readonly errors?: readonly (number | null)[];
}

export interface Schedule {
  readonly name: string;
  /** The text that `parseSchedule` reads back. */
  readonly spec: string;
  /** Whether `plan` asks the oracle for errors. */
  readonly needsErrors: boolean;
  plan(oracle: SlimmingOracle, options?: LongCallOptions): Promise<ScheduleResult>;
}
