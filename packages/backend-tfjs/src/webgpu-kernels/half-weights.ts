/**
 * Weights of layers in half of the GPU's memory, as floats of 16 bits. A constant becomes a weight when a layer first takes
 * it for one, and is packed then, before its float32 values were ever on the GPU. Those stay in ordinary memory: other
 * ops, gradients among them, still find them.
 */

import { toHalves, type HostTensor } from '@patchslim/tensor';
import type { ConstantWatcher } from '../backend.js';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** A weight `[in, out]` in halves, int32 `[in, out / 2]`: the lower half of each is the first. None where it is not packed. */
export type HalvesOf = (weight: TfTensor) => TfTensor | undefined;

export interface HalfWeights {
  readonly watcher: ConstantWatcher;
  readonly halvesOf: HalvesOf;
}

/** Beyond it halves are infinite. */
const largestHalf = 65_504;

export function createHalfWeights(tf: Tfjs): HalfWeights {
  /** What has not been taken for a weight yet. */
  const constants = new Map<TfTensor, HostTensor>();
  const packed = new Map<TfTensor, TfTensor>();
  return {
    watcher: {
      uploaded(tensor, host) {
        if (mayBeWeight(host)) constants.set(tensor, host);
      },
      released(tensor) {
        packed.get(tensor)?.dispose();
        packed.delete(tensor);
        constants.delete(tensor);
      },
    },
    halvesOf(weight) {
      const host = constants.get(weight);
      constants.delete(weight);
      if (host && inRange(host)) packed.set(weight, tf.keep(pack(tf, host)));
      return packed.get(weight);
    },
  };
}

/** The kernel reads four values at a time. */
const mayBeWeight = ({ dtype, shape }: HostTensor): boolean =>
  dtype === 'float32' && shape.length === 2 && shape[1]! % 4 === 0;

const inRange = ({ data }: HostTensor): boolean =>
  (data as Float32Array).every((value) => Math.abs(value) <= largestHalf);

function pack(tf: Tfjs, { shape, data }: HostTensor): TfTensor {
  const pairs = new Int32Array(toHalves(data as Float32Array).buffer);
  return tf.tensor(pairs, [shape[0]!, shape[1]! / 2], 'int32');
}
