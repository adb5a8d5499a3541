/**
 * A schedule decides how many and which tokens each block keeps. It asks an oracle for scores and errors, so it does
 * not depend on images, backends or score names. Code counts blocks from 0; texts for people count from 1, as the
 * paper does.
 */

import type { LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan, Keys, VitConfig } from '@patchslim/vit-models';
import type { Scores } from './selection.js';

/** Answers a schedule's questions about the network on the calibration images. */
export interface SlimmingOracle {
  readonly config: VitConfig;
  readonly keys: Keys;
  readonly costOf: CostOf;
  /**
   * Importance of every token at `block`. Deeper blocks run as in `plan`; this block and the blocks before it are
   * dense.
   */
  scores(block: number, plan: readonly BlockPlan[]): Promise<Scores>;
  /**
   * Reconstruction error `E_block` of the rows that `block` keeps, when the original input of block `block − 1` runs
   * through blocks `block − 1` and `block` of `plan`.
   */
  error(block: number, plan: readonly BlockPlan[], norm: ErrorNorm): Promise<number>;
  /** Adapts only the weights of `block` to the plan. Later scores and errors come from the adapted network. */
  learn?(block: number, plan: readonly BlockPlan[]): Promise<void>;
  /** Blocks that an interrupted job has already searched, from the last but one towards the input. */
  readonly searched?: readonly SearchedBlock[];
  /** Saves the search result of a block, so that an interrupted job can continue after it. */
  saveSearched?(block: number, searched: SearchedBlock): Promise<void>;
}

/** Result of a top-down search for one block. */
export interface SearchedBlock {
  /** Token positions, ascending. */
  readonly kept: readonly number[];
  /** Error one block above. */
  readonly error: number;
}

/**
 * Reduction of `diag(m)(Ẑ − Z)` to one number. The paper writes a squared Frobenius norm and gives no normalisation.
 * `sum`: squared norm, mean over images; `mean`: per element; `relative`: over the squared norm of `diag(m) Z`.
 */
export type ErrorNorm = 'sum' | 'mean' | 'relative';
/** The norms of the error one block above, by name. */
export const errorNorms: readonly ErrorNorm[] = ['sum', 'mean', 'relative'];

/** Result of a schedule. */
export interface ScheduleResult {
  readonly plan: readonly BlockPlan[];
  /**
   * Top-down only: the error one block above at which the search of each block stopped; null for a block without a
   * search.
   */
  readonly errors?: readonly (number | null)[];
}

/**
 * Cost of a network by the number of tokens in each block: its multiply-accumulates as a share of the dense ones; or,
 * if the budget names a backend, its time for one image in ms.
 */
export type CostOf = (counts: readonly number[]) => number;

/** Largest allowed cost. */
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
  /** Set if only a budget limits the counts. */
  readonly budget?: Budget;
  /** Whether better counts than `counts` are searched within the budget, on images. */
  readonly searches?: boolean;
  /**
   * Tokens that each block keeps, including prefix tokens. Undefined if they depend on images.
   * @param fewBlocks whether the method prefers few blocks that remove many tokens to many that remove few
   * @throws INVALID_ARGUMENT when they do not fit the model
   */
  readonly counts?: (config: VitConfig, costOf: CostOf, fewBlocks?: boolean) => readonly number[];
  plan(oracle: SlimmingOracle, options?: LongCallOptions): Promise<ScheduleResult>;
}
