/** The main job: a model and calibration images in; a slim plan, and adapted weights if asked, out. */

import { usableCount, type ImageSet } from '@patchslim/datasets';
import { vitMacs } from '@patchslim/flop-counter';
import { createPlan, type Provenance, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import { traceCounts, type BlockPlan, type Checkpoint, type VitModel } from '@patchslim/vit-models';
import { firstTokens } from './counted-plan.js';
import { openJournal, type Journal } from './journal.js';
import { provenanceOfLatency, scheduleCost, type ScheduleCost } from './latency/schedule-cost.js';
import { createOracle, type OracleOptions } from './oracle.js';
import { isBlockRecovery } from './recover/block.js';
import { recoverPlan } from './recover/recover-plan.js';
import type { Recovery } from './recover/recovery.js';
import { keyOfRun } from './saved-run.js';
import { version } from './version.js';

/** Options of `slim`. */
export interface SlimOptions extends Omit<OracleOptions, 'learning' | 'journal' | 'costOf'> {
  readonly schedule: Schedule;
  /** How the weights are adapted to the plan, one way after another; not at all when left out. */
  readonly recovery?: readonly Recovery[] | undefined;
  /** Images that a recovery never learns from, and that tell when it has learned enough; needed by every recovery. */
  readonly heldBack?: ImageSet | undefined;
  /**
   * Folder in which a top-down search notes the blocks it has settled, so that the same call goes on after it was cut
   * off. Node only; nothing is noted when left out. `removeJournal` removes the notes.
   */
  readonly progress?: string | undefined;
}

/** A plan, and the weights that were adapted to it if any. */
export interface Slimmed {
  readonly plan: SlimPlan;
  /** The weights that the plan is for, when they were adapted to it. */
  readonly adapted?: Checkpoint;
}

/**
 * Patch Slimming: scores the tokens of every block on the images and lets the schedule decide what each block keeps;
 * then, or in a top-down search block by block, adapts the weights. The model is not changed. The same inputs and seed
 * give the same results.
 * @throws INVALID_ARGUMENT for a recovery without held-back images; what the schedule, the model and the images throw
 * @example
 * const { plan } = await slim(model, images, {
 *   estimator: findScore('impact'), attention: 'dense', keys: 'compact', seed: 0, batchSize: 8,
 *   schedule: parseSchedule('keep-ratio:0.7@4,7,10'),
 * });
 */
export async function slim(model: VitModel, images: ImageSet, options: SlimOptions): Promise<Slimmed> {
  const { schedule, recovery = [], heldBack, batchSize, seed, signal, onProgress } = options;
  if (recovery.length > 0 && !heldBack) {
    throw new PatchslimError('INVALID_ARGUMENT', 'slim(): recovery needs held-back images, and got none');
  }
  const cost = await costFor(model, options);
  // A top-down search adapts each block as it goes, as the paper does; other schedules have no loop to do it in.
  const [first] = recovery;
  const inLoop = first && schedule.needsErrors && isBlockRecovery(first) ? first : undefined;
  const oracle = createOracle(model, images, {
    ...options,
    costOf: cost.costOf,
    learning: inLoop && heldBack && { ...inLoop.learning, heldBack },
    journal: await journalOf(model, images, options),
  });
  try {
    const { plan: blocks, errors } = await schedule.plan(oracle, options);
    const counts = traceCounts(model.config, blocks).map(({ kept }) => kept);
    const plan = createPlan(model, blocks, {
      ...provenanceOf(model, images, options, blocks),
      ...provenanceOfLatency(schedule, cost, counts),
      ...(errors ? { errors: [...errors] } : {}),
    });
    if (recovery.length === 0 || !heldBack) return { plan };
    const already = inLoop && { recovery: inLoop, params: await oracle.params() };
    const context = { images, heldBack, batchSize, seed, signal, onProgress };
    return await recoverPlan(model, plan, { ...context, recovery, already });
  } finally {
    await oracle.close();
  }
}

/** @throws INVALID_ARGUMENT for a time with `all` keys: the tokens that pass through are in no measured block */
function costFor(model: VitModel, options: SlimOptions): Promise<ScheduleCost> {
  const { schedule, keys } = options;
  if (schedule.budget?.backend !== undefined && keys !== 'compact') {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `slim(): '${schedule.spec}' needs compact keys, got '${keys}'`,
    );
  }
  return scheduleCost(model, schedule, (count) => firstTokens(count, keys), options);
}

function provenanceOf(
  { config }: VitModel,
  images: ImageSet,
  { estimator, schedule, keys, seed, attention }: SlimOptions,
  plan: readonly BlockPlan[],
): Provenance {
  return {
    tool: `patchslim ${version}`,
    method: 'patch-slimming',
    estimator: estimator.name,
    attention: estimator.readsDeeperBlocks ? attention : 'dense',
    schedule: schedule.spec,
    keys,
    seed,
    data: images.name,
    images: usableCount(images),
    macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, plan).total },
  };
}

/** The journal of this very run: everything that its blocks depend on is in the key. */
async function journalOf(
  model: VitModel,
  images: ImageSet,
  options: SlimOptions,
): Promise<Journal | undefined> {
  const { progress, schedule, estimator, attention, keys, seed, batchSize, recovery } = options;
  if (progress === undefined || !schedule.needsErrors) return undefined;
  const run = [estimator.name, attention, schedule.spec, keys, seed, batchSize, recovery?.[0]?.spec];
  const key = await keyOfRun(model, [images, options.heldBack], run, options);
  return openJournal(progress, key, model.config.depth);
}
