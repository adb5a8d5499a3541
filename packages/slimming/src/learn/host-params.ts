/** Parameters in host memory. */

import { tensorsIn, type HostTensor, type Tensor } from '@patchslim/tensor';
import { mapParams, type VitParams } from '@patchslim/vit-models';

type Host = HostTensor<'float32'>;

/** Reads tensors of weights. */
export function readWeights(tensors: readonly Tensor[]): Promise<Host[]> {
  return Promise.all(tensors.map((tensor) => tensor.toHost() as Promise<Host>));
}

/** Reads all parameters of a network. */
export async function hostParams(params: VitParams<Tensor>): Promise<VitParams<Host>> {
  const leaves = tensorsIn(params);
  const hosts = await readWeights(leaves);
  const hostOf = new Map(leaves.map((tensor, i) => [tensor, hosts[i]!]));
  return mapParams(params, (tensor) => hostOf.get(tensor)!);
}
