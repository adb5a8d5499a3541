/**
 * What a schedule is: it decides how many and which tokens each block keeps. It asks an oracle for scores and errors,
 * and so knows nothing of images, backends or scores by name. Blocks count from 0 here; texts for people count from 1, as
 * the paper does.
 */

import type { LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan, Keys, VitConfig } from '@patchslim/vit-models';
import type { Scores } from './selection.js';

/** What a schedule can ask about the network on the calibration images. */
export interface SlimmingOracle {
  readonly config: VitConfig;
  readonly keys: Keys;
  readonly costOf: CostOf;
  /** Importance of every token at `block`, with the deeper blocks as in `plan` and this one and those before it dense. */
  scores(block: number, plan: readonly BlockPlan[]): Promise<Scores>;
  /**
   * Reconstruction error `E_block` of the rows that `block` keeps, when the original input of block `block − 1` runs
   * through blocks `block − 1` and `block` of `plan`.
   */
  error(block: number, plan: readonly BlockPlan[], norm: ErrorNorm): Promise<number>;
  /** Adapts the weights of `block` alone to the plan; scores and errors are then those of the adapted network. */
  learn?(block: number, plan: readonly BlockPlan[]): Promise<void>;
  /** Blocks that were searched before the job was cut off: from the one before the last upwards. */
  readonly searched?: readonly SearchedBlock[];
  /** Saves what a search decided for a block, so that a job that is cut off can go on behind it. */
  saveSearched?(block: number, searched: SearchedBlock): Promise<void>;
}

/** What a top-down search has decided for one block. */
export interface SearchedBlock {
  /** Token positions, ascending. */
  readonly kept: readonly number[];
  /** Error one block above. */
  readonly error: number;
}

/**
 * How `diag(m)(Ẑ − Z)` becomes one number. The paper writes a squared Frobenius norm and gives no normalisation.
 * `sum`: squared norm, mean over images; `mean`: per element; `relative`: over the squared norm of `diag(m) Z`.
 */
export type ErrorNorm = 'sum' | 'mean' | 'relative';
/** The norms of the error one block above, by name. */
export const errorNorms: readonly ErrorNorm[] = ['sum', 'mean', 'relative'];

/** What a schedule decided. */
export interface ScheduleResult {
  readonly plan: readonly BlockPlan[];
  /** Top-down only: the error one block above, at which the search of each block stopped; null where none was done. */
  readonly errors?: readonly (number | null)[];
}

/**
 * What a network costs that computes so many tokens in each block: its multiply-accumulates as a share of those of the
 * dense one; or, where a budget names a backend, its time for one image in ms.
 */
export type CostOf = (counts: readonly number[]) => number;

/** What counts may cost at most. */
export interface Budget {
  /** Share of the dense multiply-accumulates, or with `backend` the time of one image in ms. */
  readonly most: number;
  /** The backend on which time is measured: `native`, `webgpu`, … */
  readonly backend?: string | undefined;
}

/** A rule for how many tokens each block keeps. */
export interface Schedule {
  readonly name: string;
  /** The text that `parseSchedule` reads back. */
  readonly spec: string;
  /** Whether `plan` asks the oracle for errors. */
  readonly needsErrors: boolean;
  /** Set where the counts are held to nothing but what they cost. */
  readonly budget?: Budget;
  /** Whether counts that images like better than `counts` are searched for within the budget. */
  readonly searches?: boolean;
  /**
   * Tokens that each block keeps, prefix tokens included, where that is known without looking at an image.
   * @throws INVALID_ARGUMENT when they do not fit the model
   */
  readonly counts?: (config: VitConfig, costOf: CostOf) => readonly number[];
  plan(oracle: SlimmingOracle, options?: LongCallOptions): Promise<ScheduleResult>;
}
