/** Reductions and scans. */

import type { Computes } from './compute.js';

export const reduction: Computes<'sum' | 'max' | 'argMax' | 'cumSum'> = {
  sum: (tf, [x], { axes, keepDims }) => tf.sum(x!, [...axes], keepDims),
  max: (tf, [x], { axes, keepDims }) => tf.max(x!, [...axes], keepDims),
  argMax: (tf, [x], { axis }) => tf.argMax(x!, axis),
  cumSum: (tf, [x], { axis }) => tf.cumsum(x!, axis),
};
