/** Compares plans on the same images: cost, accuracy and speed. */

import { decodedSet, type ImageSet } from '@patchslim/datasets';
import { vitMacs } from '@patchslim/flop-counter';
import { findStep, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { resolveBlocks } from '@patchslim/token-reducers';
import { headActivation, type HeadActivation, type VitModel } from '@patchslim/vit-models';
import { compareSpeed } from '../compare-speed.js';
import { onBackend } from '../recover/recover-plan.js';
import type { MadePlan } from '../plan-by-method.js';
import { predict, summarizePredictions, type Evaluation } from '../evaluate.js';
import { pooledPredictions, type Predictions } from '../predictions.js';
import { accuracyChange } from '../evaluate-pair.js';
import type { EmbeddingFigures } from '../head/embedding-figures.js';
import { measureOf } from '../head/head.js';
import type { PairedDifference } from '../intervals/paired-difference.js';
import { meanDivergence } from './divergence.js';

/** Options of `measurePlans`. */
export interface MeasurePlansOptions extends LongCallOptions {
  readonly batchSize: number;
  /** Measured pairs of dense and slimmed for the speed-up of each plan; 0 for none. */
  readonly runs: number;
}

/** One plan on all images. Figures are percentages, differences percentage points, unless stated otherwise. */
export interface PlanFigures {
  readonly method: string;
  readonly schedule: string;
  /** The recovery, if the weights were adapted. */
  readonly recovery?: string;
  readonly macs: number;
  /** Share of the dense multiply-accumulates, 0 to 1. */
  readonly macShare: number;
  /** Only with labels. */
  readonly top1?: number;
  /** Top-1 minus the dense network's top-1; only with labels. */
  readonly change?: PairedDifference;
  /** Mean average precision; only with labels, and where images may have several classes. */
  readonly mAP?: number;
  /** Images with the same class as the dense network, or where they may have several the same answers: see `Evaluation`. Not of an encoder. */
  readonly agreement?: number;
  /** Of an encoder. With folds the embeddings of an image set are those of several plans. */
  readonly embedding?: EmbeddingFigures;
  /** 95 % intervals of the shares. */
  readonly intervals: Evaluation['intervals'];
  /** KL divergence from the dense network's classes, in nats; of an encoder 1 − cosine to its embedding: see `meanDivergence`. */
  readonly divergence: number;
  /** Present where the divergence is 1 − cosine. */
  readonly measure?: 'cosine';
  /** Dense time over slimmed time at `batchSize`, and its quartiles; only if measured. */
  readonly speedup?: number;
  readonly spread?: readonly [number, number];
}

/** Plans and the dense model on the same images. */
export interface Comparison {
  readonly images: number;
  /** Of the head: a sigmoid has mAP instead of top-1. */
  readonly activation: HeadActivation;
  readonly dense: {
    readonly macs: number;
    readonly top1?: number;
    readonly mAP?: number;
    readonly intervals: Evaluation['intervals'];
  };
  readonly plans: readonly PlanFigures[];
}

/** Held-out images, and the plans that were made without them, with adapted weights if any. */
export interface Fold {
  readonly plans: readonly MadePlan[];
  readonly images: ImageSet;
}

/**
 * Measures plans on unseen images. Every fold has its own images, and the same number of plans in the same order. Row
 * `i` has the figures of the `i`-th plan of every fold, over the images of all folds. Its cost is the mean of these
 * plans; its speed is that of the first.
 * @throws INVALID_ARGUMENT for a fold with another number of plans; errors of `predict` and `compareSpeed`
 */
export async function measurePlans(
  model: VitModel,
  folds: readonly Fold[],
  { runs, ...options }: MeasurePlansOptions,
): Promise<Comparison> {
  const rows = folds[0]?.plans ?? [];
  const stray = folds.find(({ plans }) => plans.length !== rows.length);
  if (stray) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `measurePlans(): expected ${rows.length} plans for every fold, got ${stray.plans.length}`,
    );
  }
  const dense: Predictions[] = [];
  const slimmed: Predictions[][] = rows.map(() => []);
  const total = folds.length * (1 + rows.length);
  let done = 0;
  const measured = (predictions: Predictions): Predictions => {
    options.onProgress?.({ stage: 'measure plans', done: ++done, total, unit: 'steps' });
    return predictions;
  };
  for (const { plans, images } of folds) {
    const run = { ...options, onProgress: undefined, keepLogits: true };
    const decoded = await decodedSet(images, { signal: options.signal });
    dense.push(measured(await predict(model, decoded, run)));
    for (const [row, { plan, adapted }] of plans.entries()) {
      const blocks = resolveBlocks(plan.blocks);
      const predicted = (network: VitModel) => predict(network, decoded, { ...run, plan: blocks });
      slimmed[row]!.push(measured(await (adapted ? onBackend(model, adapted, predicted) : predicted(model))));
    }
  }
  const reference = pooledPredictions(dense);
  const { top1, mAP, intervals } = summarizePredictions(reference);
  const figures: PlanFigures[] = [];
  for (const [row, { plan }] of rows.entries()) {
    const { method, schedule } = plan.provenance;
    const recovered = findStep(plan.provenance, 'recovered');
    const costs = folds.map(
      ({ plans }) => vitMacs(model.config, resolveBlocks(plans[row]!.plan.blocks)).total,
    );
    figures.push({
      method,
      schedule,
      ...(recovered ? { recovery: recovered.recovery } : {}),
      ...figuresOf(model, costs, reference, pooledPredictions(slimmed[row]!)),
      ...(runs > 0 ? await speedOf(model, plan, options, runs) : {}),
    });
  }
  return {
    images: reference.ids.length,
    activation: headActivation(model.config),
    dense: {
      macs: vitMacs(model.config).total,
      ...(top1 === undefined ? {} : { top1 }),
      ...(mAP === undefined ? {} : { mAP }),
      intervals,
    },
    plans: figures,
  };
}

function figuresOf({ config }: VitModel, costs: readonly number[], dense: Predictions, slimmed: Predictions) {
  const macs = Math.round(costs.reduce((sum, cost) => sum + cost, 0) / costs.length);
  const { top1, mAP, agreement, embedding, intervals } = summarizePredictions(slimmed, dense);
  const change = accuracyChange(dense, slimmed)?.top1;
  return {
    macs,
    macShare: macs / vitMacs(config).total,
    ...(agreement === undefined ? {} : { agreement }),
    ...(embedding ? { embedding } : {}),
    divergence: meanDivergence(slimmed.logits!, dense.logits!, config),
    ...measureOf(config),
    intervals,
    ...(top1 === undefined || !change ? {} : { top1, change }),
    ...(mAP === undefined ? {} : { mAP }),
  };
}

async function speedOf(
  model: VitModel,
  { blocks }: SlimPlan,
  { batchSize, signal }: Omit<MeasurePlansOptions, 'runs'>,
  runs: number,
) {
  const [result] = await compareSpeed(model, resolveBlocks(blocks), { batches: [batchSize], runs, signal });
  return { speedup: result!.speedup, spread: result!.spread };
}
