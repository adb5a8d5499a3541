/** The way back from a model on a backend to a checkpoint: for saving it, or placing it on another backend. */

import { tensorsIn, type HostTensor, type Tensor } from '@patchslim/tensor';
import { mapParams, type VitModel } from '../params.js';
import { canonicalParams } from '../param-tree.js';
import type { Checkpoint } from './from-pretrained.js';

/**
 * Reads the weights of a model back from its backend: the inverse of `placeModel`. The fingerprint is that of the model,
 * so a plan for the one is a plan for the other.
 *
 * @throws what the backend throws; one that only records cannot give values
 * @example
 * await saveCheckpoint('out/model', await checkpointOf(model));
 */
export async function checkpointOf(model: VitModel): Promise<Checkpoint> {
  const { config, preprocessing, fingerprint, labels, params } = model;
  const leaves = tensorsIn(params);
  const values = await Promise.all(leaves.map((leaf) => leaf.toHost() as Promise<HostTensor<'float32'>>));
  const valueOf = new Map<Tensor, HostTensor<'float32'>>(leaves.map((leaf, i) => [leaf, values[i]!]));
  return {
    config,
    preprocessing,
    fingerprint,
    tensors: canonicalParams(
      config,
      mapParams(params, (leaf) => valueOf.get(leaf)!),
    ),
    source: `${config.name} on a backend`,
    ignored: [],
    ...(labels ? { labels } : {}),
  };
}
