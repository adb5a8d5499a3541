/** Runs recoveries one after another: each starts from the result of the previous one. */

import { PatchslimError, scope, type HostTensor } from '@patchslim/tensor';
import {
  dependsOnImage,
  disposeModel,
  mapParams,
  type BlockPlan,
  type VitModel,
  type VitParams,
} from '@patchslim/vit-models';
import { savedWithin } from '../job/saved.js';
import type { Recovery, RecoveryContext } from './recovery.js';

export type RecoveredParams = VitParams<HostTensor<'float32'>>;

/**
 * Adapts parameters to a plan, one recovery after another.
 *
 * @param dense the target
 * @param start parameters to begin with
 * @throws PLAN_INVALID for a recovery that needs fixed positions and a plan that chooses tokens per image; errors of
 *   the recoveries
 */
export async function recover(
  dense: VitModel,
  start: RecoveredParams,
  plan: readonly BlockPlan[],
  recoveries: readonly Recovery[],
  context: RecoveryContext,
): Promise<RecoveredParams> {
  requireFitting(recoveries, plan);
  let params = start;
  for (const [i, recovery] of recoveries.entries()) {
    const saved = context.saved && savedWithin(context.saved, `recovery-${i + 1}`);
    const { backend } = dense;
    const placed = scope(backend, () => mapParams(params, (host) => backend.constant(host)));
    const model = { ...dense, params: placed };
    try {
      params = await recovery.recover(dense, model, plan, { ...context, saved });
    } finally {
      disposeModel(model);
    }
  }
  return params;
}

/**
 * Checks all recoveries before the first one runs. @throws PLAN_INVALID when one cannot adapt weights to such a plan
 */
export function requireFitting(recoveries: readonly Recovery[], plan: readonly BlockPlan[]): void {
  const unfit = recoveries.find(({ needsPositions }) => needsPositions);
  if (!unfit || !dependsOnImage(plan)) return;
  const block = plan.findIndex((entry) => dependsOnImage([entry]));
  throw new PatchslimError(
    'PLAN_INVALID',
    `recover(): '${unfit.name}' compares rows whose positions are known before the run; block ${block} of this plan ` +
      `chooses tokens image by image: 'distill' and 'finetune' take such plans`,
    { recovery: unfit.spec, block, kind: plan[block]!.kind },
  );
}
