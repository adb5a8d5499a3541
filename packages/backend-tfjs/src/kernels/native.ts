/** Kernels for libtensorflow, where tfjs-node refuses what tfjs takes. */

import { composites } from './composites.js';
import type { OverridingComputes } from './index.js';

export const nativeComputes: OverridingComputes = {
  // tfjs-node knows no padding in pixels: the images are padded first.
  conv2d(tf, [x, ...others], { padding, ...attrs }, output) {
    const sides: [number, number][] = [[0, 0], [0, 0], [padding, padding], [padding, padding]]; // prettier-ignore
    const padded = padding === 0 ? x! : tf.pad(x!, sides);
    return composites.conv2d(tf, [padded, ...others], { ...attrs, padding: 0 }, output);
  },
};
