/** Ops that move values. */

import type { Computes } from './compute.js';

export const movement: Computes<
  'reshape' | 'transpose' | 'slice' | 'concat' | 'broadcastTo' | 'pad' | 'cast'
> = {
  // Shares the input's values; tfjs counts the references.
  reshape: (tf, [x], { shape }) => tf.reshape(x!, [...shape]),
  transpose: (tf, [x], { permutation }) => tf.transpose(x!, [...permutation]),
  slice: (tf, [x], { begin, size }) => tf.slice(x!, [...begin], [...size]),
  concat: (tf, inputs, { axis }) => tf.concat([...inputs], axis),
  broadcastTo: (tf, [x], { shape }) => tf.broadcastTo(x!, [...shape]),
  pad: (tf, [x], { before, after, value }) =>
    tf.pad(
      x!,
      before.map((length, axis) => [length, after[axis]!] as [number, number]),
      value,
    ),
  cast(tf, [x], { dtype }) {
    if (x!.dtype === dtype) return tf.cast(x!, dtype);
    // The WASM kernel casts to bool by truncating values to a byte.
    if (dtype === 'bool') return tf.notEqual(x!, tf.scalar(0, x!.dtype));
    if (x!.dtype === 'float32') return tf.cast(x!, dtype);
    // tfjs only renames the dtype and keeps the values, which breaks WebGPU kernels.
    return tf.mul(tf.cast(x!, dtype), tf.scalar(1, dtype));
  },
};
