/** Recovery for a plan that is there: adapted weights, and the same plan for them. The one way for the plans of all methods. */

import { decodedSet, usableCount } from '@patchslim/datasets';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import {
  createCheckpoint,
  disposeModel,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitModel,
} from '@patchslim/vit-models';
import { divergences } from '../compare/divergence.js';
import { pairedDifference } from '../intervals/paired-difference.js';
import { predict } from '../evaluate.js';
import { hostParams } from '../learn/host-params.js';
import { version } from '../version.js';
import { recover, requireFitting, type RecoveredParams } from './recover.js';
import type { Recovery, RecoveryContext } from './recovery.js';

/** Options of `recoverPlan`. */
export interface RecoverPlanOptions extends RecoveryContext {
  /** Ways to adapt the weights, one after another. */
  readonly recovery: readonly Recovery[];
  /** Of these what the search for the plan has done already, if anything. */
  readonly already?: { readonly recovery: Recovery; readonly params: RecoveredParams } | undefined;
}

/** A plan with the weights that were adapted to it. */
export interface RecoveredPlan {
  /** For the adapted weights; `provenance.recovery` has the divergence on the held-back images before and after. */
  readonly plan: SlimPlan;
  readonly adapted: Checkpoint;
}

/**
 * Adapts the weights to a plan. The model is not changed. The same inputs and seed give the same weights.
 * @param plan for the model as it is
 * @throws PLAN_INVALID for a recovery that needs positions known before the run, and a plan that chooses image by image;
 *   DATA_INVALID without images; NUMERICAL, ABORTED; what decoding throws
 * @example
 * const plan = slimAtRunTime(model, findRuntimeMethod('ward'), parseSchedule('budget:0.5'));
 * const { adapted } = await recoverPlan(model, plan, {
 *   recovery: parseRecovery('distill:epochs=3,rate=0.001,learn=norms'), images, heldBack, batchSize: 8, seed: 0,
 * });
 */
export async function recoverPlan(
  model: VitModel,
  plan: SlimPlan,
  { recovery, already, ...context }: RecoverPlanOptions,
): Promise<RecoveredPlan> {
  const blocks = resolveBlocks(plan.blocks);
  requireFitting(recovery, blocks);
  const open = recovery.filter((one) => one !== already?.recovery);
  const start = already?.params ?? (await hostParams(model.params));
  const params = await recover(model, start, blocks, open, context);
  const { config, preprocessing, labels } = model;
  const adapted = await createCheckpoint({
    config,
    preprocessing,
    params,
    source: `patchslim ${version}`,
    ...(labels ? { labels } : {}),
  });
  return {
    plan: {
      ...plan,
      model: { ...plan.model, fingerprint: adapted.fingerprint },
      provenance: {
        ...plan.provenance,
        recovery: {
          spec: recovery.map(({ spec }) => spec).join('+'),
          dense: model.fingerprint,
          data: context.images.name,
          images: usableCount(context.images),
          heldBack: await gainOf(model, adapted, blocks, context),
        },
      },
    },
    adapted,
  };
}

/** Divergence from the dense network's classes on the held-back images, with the old weights and with the new ones. */
async function gainOf(
  model: VitModel,
  adapted: Checkpoint,
  plan: readonly BlockPlan[],
  { heldBack, batchSize, signal }: RecoveryContext,
) {
  const images = await decodedSet(heldBack, { signal });
  const logits = async (network: VitModel, blocks?: readonly BlockPlan[]): Promise<Float32Array> =>
    (await predict(network, images, { batchSize, signal, plan: blocks, keepLogits: true })).logits!;
  const dense = await logits(model);
  const { classes } = model.config;
  const before = divergences(await logits(model, plan), dense, classes);
  const after = divergences(
    await onBackend(model, adapted, (network) => logits(network, plan)),
    dense,
    classes,
  );
  const { interval } = pairedDifference(before, after);
  const digits = (value: number): number => Number(value.toPrecision(6));
  return {
    images: before.length,
    before: digits(mean(before)),
    after: digits(mean(after)),
    interval: [digits(interval[0]), digits(interval[1])] as [number, number],
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Something done with weights that are on the backend of `model` for as long. */
export async function onBackend<T>(
  { backend }: VitModel,
  checkpoint: Checkpoint,
  use: (model: VitModel) => Promise<T>,
): Promise<T> {
  const placed = placeModel(backend, checkpoint);
  try {
    return await use(placed);
  } finally {
    disposeModel(placed);
  }
}
