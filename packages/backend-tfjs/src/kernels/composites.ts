/** Composite ops with a tfjs kernel. All others run as their decompositions. */

import type { Computes } from './compute.js';

export const composites: Computes<'softmax' | 'mean'> = {
  softmax(tf, [x], { axis }) {
    if (axis === x!.rank - 1) return tf.softmax(x!);
    const powers = tf.exp(tf.sub(x!, tf.max(x!, axis, true)));
    return tf.div(powers, tf.sum(powers, axis, true));
  },
  mean: (tf, [x], { axes, keepDims }) => tf.mean(x!, [...axes], keepDims),
};
