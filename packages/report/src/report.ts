/** The content of a report, and the same as JSON for programs. */

import type { EvaluatedPair, ComputedRows } from '@patchslim/slimming';
import type { Provenance, SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import type { VitConfig } from '@patchslim/vit-models';
import { summarizePlan, type BlockSummary } from './summary.js';

/** Both models on the same images, from `summarizePair`. */
export interface ReportEvaluation extends EvaluatedPair {
  /** Whether these images are unseen: not used for the plan. */
  readonly heldBack: boolean;
}

/** One image on which the report draws the patches kept. */
export interface ReportExample {
  /** File name. */
  readonly id: string;
  /** The square crop that the model sees, as a JPEG of any size. */
  readonly jpeg: Uint8Array;
  /** The rows that each block computes of it, from `keptTokens`; required for a plan that chooses tokens image by image. */
  readonly kept?: readonly ComputedRows[] | undefined;
  /** True class. */
  readonly label?: string | undefined;
  /** Class that the dense model predicts. */
  readonly dense?: string | undefined;
  /** Class that the slimmed model predicts. */
  readonly slimmed?: string | undefined;
}

/** The input of `renderReport` and `reportJson`. */
export interface SlimReport {
  readonly plan: SlimPlan;
  readonly config: VitConfig;
  readonly evaluation?: ReportEvaluation | undefined;
  readonly examples: readonly ReportExample[];
}

/** The content of `report.json`. */
export interface ReportJson {
  readonly format: 'patchslim-report';
  readonly version: 1;
  readonly model: SlimPlan['model'];
  /** Multiply-accumulates of the whole network for one image; `ratio` is slimmed / dense. */
  readonly macs: { readonly dense: number; readonly slimmed: number; readonly ratio: number };
  readonly blocks: readonly BlockSummary[];
  readonly provenance: Provenance;
  readonly evaluation?: ReportEvaluation;
  readonly examples: readonly Omit<ReportExample, 'jpeg' | 'kept'>[];
}

/** Makes a report plain JSON, without pixels. @throws PLAN_INVALID when the plan does not fit the model */
export function reportJson({ plan, config, evaluation, examples }: SlimReport): ReportJson {
  return {
    format: 'patchslim-report',
    version: 1,
    model: plan.model,
    ...summarizePlan(config, resolveBlocks(plan.blocks)),
    provenance: plan.provenance,
    ...(evaluation && { evaluation }),
    examples: examples.map(({ id, label, dense, slimmed }) => ({ id, label, dense, slimmed })),
  };
}
