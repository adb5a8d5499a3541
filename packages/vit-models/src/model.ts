/** Models on a backend. */

import { disposeAll, scope, type Backend } from '@patchslim/tensor';
import type { Checkpoint } from './checkpoint/from-pretrained.js';
import { readParams } from './param-tree.js';
import { mapParams, type VitModel } from './params.js';

/** Copies the parameters of a checkpoint to a backend. Free them with `disposeModel`. */
export function placeModel(backend: Backend, checkpoint: Checkpoint): VitModel {
  const { config, preprocessing, fingerprint, labels } = checkpoint;
  const host = readParams(config, checkpoint.tensors);
  return {
    config,
    preprocessing,
    fingerprint,
    ...(labels ? { labels } : {}),
    backend,
    // All of them or none: what was placed is given back when a later one is refused.
    params: scope(backend, () => mapParams(host, (tensor) => backend.constant(tensor))),
  };
}

/** Frees the parameters of a model. */
export function disposeModel(model: VitModel): void {
  disposeAll(model.params);
}
