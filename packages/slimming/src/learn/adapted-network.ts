/** A network whose blocks are adapted one by one. The original model is unchanged. */

import { disposeAll, mapTensors, scope, type HostTensor } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';

export interface AdaptedNetwork {
  /** All parameters, with the current blocks. */
  readonly model: VitModel;
  isAdapted(block: number): boolean;
  /** Replaces the parameters of a block, in the order of `tensorsIn`. */
  adapt(block: number, values: readonly HostTensor<'float32'>[]): void;
  /** Frees the parameters of adapted blocks. */
  dispose(): void;
}

export function createAdaptedNetwork(original: VitModel): AdaptedNetwork {
  let model = original;
  const isAdapted = (block: number): boolean => model.params.blocks[block] !== original.params.blocks[block];
  const free = (block: number): void => {
    if (isAdapted(block)) disposeAll(model.params.blocks[block]);
  };
  return {
    get model() {
      return model;
    },
    isAdapted,
    adapt(block, values) {
      let next = 0;
      const { backend } = model;
      const adapted = scope(backend, () =>
        mapTensors(model.params.blocks[block]!, () => backend.constant(values[next++]!)),
      );
      free(block);
      model = { ...model, params: { ...model.params, blocks: model.params.blocks.with(block, adapted) } };
    },
    dispose() {
      for (const block of model.params.blocks.keys()) free(block);
      model = original;
    },
  };
}
