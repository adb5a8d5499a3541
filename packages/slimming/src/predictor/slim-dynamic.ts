/** DPS: every image keeps tokens of its own, as many as every other; which ones, a predictor in the block says. */

import { usableCount, type ImageSet } from '@patchslim/datasets';
import { vitMacs } from '@patchslim/flop-counter';
import { createPlan, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import { tokenCount, type VitConfig, type VitModel } from '@patchslim/vit-models';
import { version } from '../version.js';
import { countsOf, planOfCounts, reduceTo, type EntryOf } from '../counted-plan.js';
import { provenanceOfLatency, scheduleCost } from '../latency/schedule-cost.js';
import { fitPredictors, groupsOf } from './fit-predictors.js';

/** Options of `slimDynamic`. */
export interface SlimDynamicOptions extends LongCallOptions {
  /** One that knows its counts beforehand: `budget:…`, `constant:…`, `counts:…` or `keep-ratio:…`. */
  readonly schedule: Schedule;
  /** Draws the images on which a predictor is judged. */
  readonly seed: number;
  readonly batchSize: number;
}

/**
 * Patch Slimming image by image (DPS-ViT, §4.4 of the paper). Where the counts of the schedule fall, a block ranks the
 * tokens of each image by a small predictor that has learned their impact scores from `images`; the others leave the
 * network. The model is not changed. The same inputs and seed give the same plan.
 * @throws INVALID_ARGUMENT for a schedule without known counts, counts that do not fit the model, less than two images;
 *   DATA_INVALID, NUMERICAL, ABORTED
 * @example
 * const { plan } = await slimDynamic(model, images, {
 *   schedule: parseSchedule('keep-ratio:0.7@4,7,10'), seed: 0, batchSize: 8,
 * });
 */
export async function slimDynamic(
  model: VitModel,
  images: ImageSet,
  options: SlimDynamicOptions,
): Promise<{ readonly plan: SlimPlan }> {
  const { schedule, seed, batchSize, signal, onProgress } = options;
  const { config } = model;
  const unfitted = unfittedEntry(config);
  const cost = await scheduleCost(model, schedule, unfitted, options);
  const counts = countsOf(schedule, config, unfitted, 'slimDynamic()', cost.costOf);
  const ranking = planOfCounts(config, counts, unfitted).flatMap(({ kind }, block) =>
    kind === 'reduce' ? [block] : [],
  );
  const fitted = await fitPredictors(model, images, { blocks: ranking, seed, batchSize, signal, onProgress });
  const predictors = new Map(ranking.map((block, i) => [block, fitted[i]!]));
  const blocks = planOfCounts(config, counts, (count, { block }) =>
    reduceTo(count, 'top-k', { score: predictors.get(block)!.score }),
  );
  const perBlock = (part: 'r2' | 'staticR2') =>
    counts.map((_, block) => {
      const value = predictors.get(block)?.[part];
      return value === undefined ? null : Number(value.toPrecision(4));
    });
  return {
    plan: createPlan(model, blocks, {
      tool: `patchslim ${version}`,
      method: 'dps',
      estimator: 'impact',
      attention: 'dense',
      schedule: schedule.spec,
      keys: 'compact',
      seed,
      data: images.name,
      images: usableCount(images),
      macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocks).total },
      ...provenanceOfLatency(schedule, cost, counts),
      predictor: { r2: perBlock('r2'), staticR2: perBlock('staticR2') },
    }),
  };
}

/** What a block costs that ranks by a predictor is known before the predictor is. */
function unfittedEntry(config: VitConfig): EntryOf {
  const score = {
    name: 'predictor' as const,
    positions: Array<number>(tokenCount(config)).fill(0),
    weights: Array<number>(groupsOf(config.width)).fill(0),
  };
  return (count) => reduceTo(count, 'top-k', { score });
}
