/** Parameters of a network that learn; the others are constants. */

import { findByName, tensorsIn, type Tensor } from '@patchslim/tensor';
import { mapParams, type VitNetwork, type VitParams } from '@patchslim/vit-models';

/**
 * `all`; `norms`: scales and biases of the layer norms, and all other biases; `blocks`: all except embedding and
 * head.
 */
export type Trainable = 'all' | 'norms' | 'blocks';
/** The groups of trainable parameters, by name. */
export const trainables: readonly Trainable[] = ['all', 'norms', 'blocks'];

/**
 * Finds a group of parameters by its name.
 *
 * @throws UNKNOWN_NAME with near matches
 */
export const findTrainable = (name: string): Trainable =>
  findByName(
    trainables.map((one) => ({ name: one })),
    name,
    'parameters',
  ).name;

/** The parameters that learn, in the order of `tensorsIn`. */
export function trainableTensors({ params }: VitNetwork, trainable: Trainable): Tensor[] {
  switch (trainable) {
    case 'all':
      return tensorsIn(params);
    case 'norms':
      return tensorsIn(params).filter(({ shape }) => shape.length === 1);
    case 'blocks':
      return tensorsIn(params.blocks);
    default:
      return trainable satisfies never;
  }
}

/** The parameters with those in `chosen` replaced by `values`, one by one. */
export function withParams(
  params: VitParams<Tensor>,
  chosen: readonly Tensor[],
  values: readonly Tensor[],
): VitParams<Tensor> {
  const places = new Map(chosen.map((tensor, i) => [tensor, values[i]!]));
  return mapParams(params, (tensor) => places.get(tensor) ?? tensor);
}
