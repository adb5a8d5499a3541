/** What a method is: a way to make a plan, by a score, a reducer and a schedule. */

import type { Schedule } from '@patchslim/slimming-schedules';
import type { BlockPlan, VitConfig } from '@patchslim/vit-models';
import type { PlanStep } from '@patchslim/slimming-schedules';
import type { Job } from '../job/job.js';
import type { BlockOf } from '../counted-plan.js';
import type { ScheduleCost } from '../latency/schedule-cost.js';
import type { RecoveryInSearch } from '../recover/block.js';
import type { RecoveredParams } from '../recover/recover.js';

/** A way to make a plan: which tokens each block computes. */
export interface Method {
  /** The text that `parseMethod` reads back. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** The schedule that its paper gives for a model; without it the default schedule. */
  readonly scheduleOf?: (config: VitConfig) => Schedule | undefined;
  /** A block that leaves `count` of the rows that reach it: what it costs is known before any image is seen. */
  readonly blockOf: BlockOf;
  /** How images make the plan, where they do; other plans are made of `blockOf` at the counts of the schedule. */
  readonly plan?: (job: Job, request: MethodRequest) => Promise<PlannedBlocks>;
  /**
   * Whether every image keeps the same positions. Only such a method takes schedules that look at images, and recoveries
   * that compare rows by their position.
   */
  readonly fixedPositions?: boolean;
  /** The same method with settings given as text. @throws INVALID_ARGUMENT for settings that it does not have */
  readonly withSettings?: (settings: Readonly<Record<string, string>>) => Method;
}

/** What a method is asked for. */
export interface MethodRequest {
  readonly schedule: Schedule;
  readonly cost: ScheduleCost;
  /** Adapts the weights of each block while a top-down search goes on. */
  readonly recovery?: RecoveryInSearch | undefined;
}

/** What a method decided. */
export interface PlannedBlocks {
  readonly blocks: readonly BlockPlan[];
  readonly steps: readonly PlanStep[];
  /** Weights that were adapted on the way. */
  readonly params?: RecoveredParams | undefined;
}
