/** Runs recoveries one after another: each begins with what the one before has made. */

import type { HostTensor } from '@patchslim/tensor';
import {
  disposeModel,
  mapParams,
  type BlockPlan,
  type VitModel,
  type VitParams,
} from '@patchslim/vit-models';
import type { Recovery, RecoveryContext } from './recovery.js';

/**
 * @param dense what the result is held to
 * @param start parameters to begin with
 */
export async function recover(
  dense: VitModel,
  start: VitParams<HostTensor<'float32'>>,
  plan: readonly BlockPlan[],
  recoveries: readonly Recovery[],
  context: RecoveryContext,
): Promise<VitParams<HostTensor<'float32'>>> {
  let params = start;
  for (const recovery of recoveries) {
    const model = { ...dense, params: mapParams(params, (host) => dense.backend.constant(host)) };
    try {
      params = await recovery.recover(dense, model, plan, context);
    } finally {
      disposeModel(model);
    }
  }
  return params;
}
