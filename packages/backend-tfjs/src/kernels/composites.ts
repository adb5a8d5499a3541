/** Composite ops with a tfjs kernel. All others run as their decompositions. */

import type { TfImages } from '../tfjs.js';
import type { Computes } from './compute.js';

export const composites: Computes<'softmax' | 'mean' | 'conv2d'> = {
  softmax(tf, [x], { axis }) {
    if (axis === x!.rank - 1) return tf.softmax(x!);
    const powers = tf.exp(tf.sub(x!, tf.max(x!, axis, true)));
    return tf.div(powers, tf.sum(powers, axis, true));
  },
  mean: (tf, [x], { axes, keepDims }) => tf.mean(x!, [...axes], keepDims),
  // The WASM kernel takes the channels last only.
  conv2d(tf, [x, weight, bias], { stride, padding }) {
    const images = tf.transpose(x!, [0, 2, 3, 1]) as TfImages;
    const filter = tf.transpose(weight!, [2, 3, 1, 0]) as TfImages;
    const y = tf.conv2d(images, filter, stride, padding);
    return tf.transpose(bias ? tf.add(y, bias) : y, [0, 3, 1, 2]);
  },
};
