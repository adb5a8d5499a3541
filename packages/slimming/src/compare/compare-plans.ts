/** Plans beside each other, on the same images: what each costs, and what it changes. */

import type { ImageSet } from '@patchslim/datasets';
import { vitMacs } from '@patchslim/flop-counter';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { compareSpeed } from '../compare-speed.js';
import { predict, summarizePredictions, type Predictions } from '../evaluate.js';
import { meanDivergence } from './divergence.js';
import { pairedDifference, type PairedDifference } from './paired-difference.js';

export interface ComparePlansOptions extends LongCallOptions {
  readonly batchSize: number;
  /** Measured pairs, dense and slimmed in turn, for the speed-up of each plan; 0 for none. */
  readonly runs: number;
}

/** One plan on all images. Percent, and points of percent, where nothing else is said. */
export interface PlanFigures {
  readonly method: string;
  readonly schedule: string;
  readonly macs: number;
  /** Of the dense multiply-accumulates, from 0 to 1. */
  readonly macShare: number;
  /** Only with labels. */
  readonly top1?: number;
  /** Top-1 minus that of the dense network; only with labels. */
  readonly change?: PairedDifference;
  /** Images on which the class is the dense network's. */
  readonly agreement: number;
  /** From the dense network's classes, in nats: see `meanDivergence`. */
  readonly divergence: number;
  /** Dense time over slimmed time at `batchSize`, and its quartiles; only where it was measured. */
  readonly speedup?: number;
  readonly spread?: readonly [number, number];
}

export interface Comparison {
  readonly images: number;
  readonly dense: { readonly macs: number; readonly top1?: number };
  readonly plans: readonly PlanFigures[];
}

/**
 * @throws PLAN_INVALID for a plan that does not fit the model; DATA_INVALID without an image; what decoding throws; ABORTED
 * @example
 * const { plans } = await comparePlans(model, [plan, other], images, { batchSize: 8, runs: 20 });
 */
export async function comparePlans(
  model: VitModel,
  plans: readonly SlimPlan[],
  images: ImageSet,
  { runs, ...options }: ComparePlansOptions,
): Promise<Comparison> {
  const run = { ...options, keepLogits: true };
  const dense = await predict(model, images, run);
  const { top1 } = summarizePredictions(dense);
  const figures: PlanFigures[] = [];
  for (const plan of plans) {
    const slimmed = await predict(model, images, { ...run, plan: plan.blocks });
    figures.push({
      method: plan.provenance.method,
      schedule: plan.provenance.schedule,
      ...figuresOf(model, plan, dense, slimmed),
      ...(runs > 0 ? await speedOf(model, plan, options, runs) : {}),
    });
  }
  return {
    images: dense.ids.length,
    dense: { macs: vitMacs(model.config).total, ...(top1 === undefined ? {} : { top1 }) },
    plans: figures,
  };
}

function figuresOf({ config }: VitModel, { blocks }: SlimPlan, dense: Predictions, slimmed: Predictions) {
  const macs = vitMacs(config, blocks).total;
  const { top1, agreement } = summarizePredictions(slimmed, dense);
  const { labels } = dense;
  return {
    macs,
    macShare: macs / vitMacs(config).total,
    agreement: agreement!,
    divergence: meanDivergence(slimmed.logits!, dense.logits!, config.classes),
    ...(top1 === undefined || !labels
      ? {}
      : { top1, change: pairedDifference(hits(dense, labels), hits(slimmed, labels)) }),
  };
}

/** 100 for every image whose class is its label, else 0. */
const hits = ({ classes }: Predictions, labels: Int32Array): Float64Array =>
  Float64Array.from(classes, (value, image) => (value === labels[image] ? 100 : 0));

async function speedOf(
  model: VitModel,
  { blocks }: SlimPlan,
  { batchSize, signal }: Omit<ComparePlansOptions, 'runs'>,
  runs: number,
) {
  const [result] = await compareSpeed(model, blocks, { batches: [batchSize], runs, signal });
  return { speedup: result!.speedup, spread: result!.spread };
}
