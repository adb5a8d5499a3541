/** The main job: a model and calibration images in, a slim plan out. */

import type { ImageSet } from '@patchslim/datasets';
import { vitMacs } from '@patchslim/flop-counter';
import { createPlan, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import type { VitModel } from '@patchslim/vit-models';
import { createOracle, type OracleOptions } from './oracle.js';
import { version } from './version.js';

export interface SlimOptions extends OracleOptions {
  readonly schedule: Schedule;
}

/**
 * Patch Slimming: scores the tokens of every block on the images and lets the schedule decide what each block keeps.
 * The model is not changed. The same inputs and seed give the same plan.
 * @throws what the schedule, the model and the images throw
 * @example
 * const plan = await slim(model, images, {
 *   estimator: findEstimator('impact'), attention: 'dense', keys: 'compact', seed: 0, batchSize: 8,
 *   schedule: parseSchedule('keep-ratio:0.7@4,7,10'),
 * });
 */
export async function slim(model: VitModel, images: ImageSet, options: SlimOptions): Promise<SlimPlan> {
  const { estimator, schedule, keys, seed, attention } = options;
  const { config } = model;
  const oracle = createOracle(model, images, options);
  try {
    const { plan, errors } = await schedule.plan(oracle, options);
    return createPlan(model, plan, {
      tool: `patchslim ${version}`,
      method: 'patch-slimming',
      estimator: estimator.name,
      attention: estimator.looksDeeper ? attention : 'dense',
      schedule: schedule.spec,
      keys,
      seed,
      data: images.name,
      images: images.count,
      macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, plan).total },
      ...(errors ? { errors: [...errors] } : {}),
    });
  } finally {
    await oracle.close();
  }
}
