/** A method makes a plan from a score, a reducer and a schedule. */

import type { Schedule } from '@patchslim/slimming-schedules';
import type { BlockPlan, VitConfig } from '@patchslim/vit-models';
import type { PlanStep } from '@patchslim/slimming-schedules';
import type { Job } from '../job/job.js';
import type { BlockOf } from '../counted-plan.js';
import type { ScheduleCost } from '../latency/schedule-cost.js';
import type { RecoveryInSearch } from '../recover/block.js';
import type { RecoveredParams } from '../recover/recover.js';

/** A method: decides which tokens each block computes. */
export interface Method {
  /** The text that `parseMethod` reads back. */
  readonly name: string;
  /** One-line description. */
  readonly summary: string;
  /** The paper's schedule for a model, if it has one; otherwise the default schedule applies. */
  readonly scheduleOf?: (config: VitConfig) => Schedule | undefined;
  /** Whether the schedule `budget` removes tokens in fewer blocks: `ReducerDefinition.fewBlocks`. */
  readonly fewBlocks?: boolean;
  /** A block that leaves `count` of the rows that reach it. Its cost does not depend on images. */
  readonly blockOf: BlockOf;
  /**
   * Makes the plan from images, if the method needs images. Without it, the plan consists of `blockOf` at the counts
   * of the schedule.
   */
  readonly plan?: (job: Job, request: MethodRequest) => Promise<PlannedBlocks>;
  /**
   * Whether every image keeps the same positions. Only such methods support schedules that need images, and
   * recoveries that compare rows by position.
   */
  readonly fixedPositions?: boolean;
  /** The same method with settings from text. @throws INVALID_ARGUMENT for unknown settings */
  readonly withSettings?: (settings: Readonly<Record<string, string>>) => Method;
}

/** The request for a method. */
export interface MethodRequest {
  readonly schedule: Schedule;
  readonly cost: ScheduleCost;
  /** Adapts the weights of each block during a top-down search. */
  readonly recovery?: RecoveryInSearch | undefined;
}

/** The result of a method. */
export interface PlannedBlocks {
  readonly blocks: readonly BlockPlan[];
  readonly steps: readonly PlanStep[];
  /** Weights that were adapted during the search. */
  readonly params?: RecoveredParams | undefined;
}
