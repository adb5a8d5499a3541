/**
 * Stores the weights of layers as 16-bit floats, in half of the GPU memory. A constant becomes a weight when a layer first uses
 * it as one, and is packed then, before its float32 values reach the GPU. The float32 values stay in ordinary memory for other
 * ops, including gradients.
 */

import { toHalves, type HostTensor } from '@patchslim/tensor';
import type { ConstantWatcher } from '../backend.js';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** Packs a weight `[in, out]` as halves in int32 `[in, out / 2]`, the first in the lower bits. Undefined if it is not packed. */
export type HalvesOf = (weight: TfTensor) => TfTensor | undefined;

export interface HalfWeights {
  readonly watcher: ConstantWatcher;
  readonly halvesOf: HalvesOf;
}

/** Larger values become infinite as float16. */
const largestHalf = 65_504;

export function createHalfWeights(tf: Tfjs): HalfWeights {
  /** Constants not yet used as a weight. */
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
