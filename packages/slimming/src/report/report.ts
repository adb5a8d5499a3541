/** What a report is made of, and its form for programs. */

import type { Evaluation } from '../evaluate.js';
import type { AccuracyChange } from '../intervals/accuracy-change.js';
import type { KeptRows } from '../kept-rows.js';
import type { Provenance, SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import type { VitConfig } from '@patchslim/vit-models';
import { summarizePlan, type BlockSummary, type PlanSummary } from './summary.js';

/** How one model did on a set of images. Accuracies in percent, 0 to 100; absent where no labels are known. */
export interface EvaluationSummary {
  readonly images: number;
  readonly top1?: number | undefined;
  readonly top5?: number | undefined;
  /** Percent of the images for which the first class is that of the dense model. */
  readonly agreement?: number | undefined;
  /** 95 % intervals of the shares, percent. */
  readonly intervals?: Evaluation['intervals'] | undefined;
  /** End to end, the decoding of images included. */
  readonly imagesPerSecond: number;
}

/** Both models on the same images. */
export interface ReportEvaluation {
  /** Whether these images had no part in making the plan. */
  readonly heldBack: boolean;
  readonly dense: EvaluationSummary;
  readonly slimmed: EvaluationSummary;
  /** Slimmed minus dense, paired image by image; absent where no labels are known. */
  readonly change?: AccuracyChange | undefined;
}

/** One image on which the report shows the patches kept. */
export interface ReportExample {
  /** File name. */
  readonly id: string;
  /** The square crop that the model sees, as a JPEG of any size. */
  readonly jpeg: Uint8Array;
  /** Rows that each block computes of it; needed where the plan chooses the tokens of each image: `keptTokens`. */
  readonly kept?: readonly KeptRows[] | undefined;
  /** True class. */
  readonly label?: string | undefined;
  /** Class that the dense model gives. */
  readonly dense?: string | undefined;
  /** Class that the slimmed model gives. */
  readonly slimmed?: string | undefined;
}

/** All that `renderReport` and `reportJson` show. */
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
  readonly macs: PlanSummary['macs'];
  readonly blocks: readonly BlockSummary[];
  readonly provenance: Provenance;
  readonly evaluation?: ReportEvaluation;
  readonly examples: readonly Omit<ReportExample, 'jpeg' | 'kept'>[];
}

/** The report as plain JSON, without pixels. @throws PLAN_INVALID when the plan does not fit the model */
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
