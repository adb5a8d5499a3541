/** Recovery for an existing plan: adapted weights, and the same plan for them. Used for the plans of all methods. */

import type { PlanStep, SlimPlan } from '@patchslim/slimming-schedules';
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
import { predict } from '../evaluate.js';
import { pairedDifference } from '../intervals/paired-difference.js';
import { measureOf } from '../head/head.js';
import type { Job } from '../job/job.js';
import type { ImageParts } from '../job/split-images.js';
import { hostParams } from '../learn/host-params.js';
import { version } from '../version.js';
import { recover, requireFitting, type RecoveredParams } from './recover.js';
import type { ChosenRecovery, Recovery, RecoveryContext } from './recovery.js';

/** A plan with the weights adapted to it. */
export interface RecoveredPlan {
  /** The plan for the adapted weights. Its step `recovered` has the divergence before and after. */
  readonly plan: SlimPlan;
  readonly adapted: Checkpoint;
}

interface RecoverPlanOptions extends Pick<RecoveryContext, 'planAt'> {
  readonly already?: { readonly recovery: Recovery; readonly params: RecoveredParams };
}

/**
 * Adapts the weights to a plan. The model is unchanged. The same inputs and seed give the same weights.
 * @param plan a plan for the unchanged model
 * @param recovery ways to adapt the weights, one after another
 * @param parts images to learn from, and others that choose the best epoch
 * @param already the recovery that the search for the plan has already run, with its weights
 * @param planAt the plan of the same method at another budget
 * @throws PLAN_INVALID for a recovery that needs fixed positions and a plan that chooses tokens per image;
 *   DATA_INVALID without images; NUMERICAL, ABORTED; errors of decoding
 */
export async function recoverPlan(
  { model, batchSize, seed, saved, signal, onProgress, onStep }: Job,
  plan: SlimPlan,
  recovery: readonly Recovery[],
  { calibrate, choose }: ImageParts,
  { already, planAt }: RecoverPlanOptions = {},
): Promise<RecoveredPlan> {
  let chosen: ChosenRecovery | undefined;
  const context: RecoveryContext = {
    ...{ images: calibrate, heldBack: choose, batchSize, seed, saved, signal, onProgress, planAt },
    onChoice: (choice) => (chosen = choice),
  };
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
  const step: PlanStep = {
    step: 'recovered',
    ...measureOf(config),
    recovery: recovery.map(({ spec }) => spec).join('+'),
    ...(chosen ? { chosen } : {}),
    from: model.fingerprint,
    images: calibrate.count,
    judges: choose.count,
    ...(await gainOf(model, adapted, blocks, context)),
  };
  onStep(step);
  const { provenance } = plan;
  return {
    plan: {
      ...plan,
      model: { ...plan.model, fingerprint: adapted.fingerprint },
      provenance: { ...provenance, steps: [...provenance.steps, step] },
    },
    adapted,
  };
}

/** Divergence from the dense network on the held-out images, with the old and with the new weights. */
async function gainOf(
  model: VitModel,
  adapted: Checkpoint,
  plan: readonly BlockPlan[],
  { heldBack, batchSize, signal }: RecoveryContext,
) {
  const logits = async (network: VitModel, blocks?: readonly BlockPlan[]): Promise<Float32Array> =>
    (await predict(network, heldBack, { batchSize, signal, plan: blocks, keepLogits: true })).logits!;
  const dense = await logits(model);
  const { config } = model;
  const before = divergences(await logits(model, plan), dense, config);
  const after = divergences(
    await onBackend(model, adapted, (network) => logits(network, plan)),
    dense,
    config,
  );
  const { interval } = pairedDifference(before, after);
  const digits = (value: number): number => Number(value.toPrecision(6));
  return {
    before: digits(mean(before)),
    after: digits(mean(after)),
    interval: [digits(interval[0]), digits(interval[1])] as [number, number],
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Places weights on the backend of `model` for the duration of a call. */
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
