/** Loss of a classifier with a sigmoid for each class: `−Σ t log σ(z) + (1 − t) log(1 − σ(z))`. */

import { add, mean, mul, sub, sum, type Tensor } from '@patchslim/tensor';
import type { CrossEntropyOptions } from './cross-entropy.js';
import { softplus } from './softplus.js';

/**
 * Cross-entropy of each class with its target, summed over the classes, mean over the images.
 * @param logits `[B, C]`
 * @param targets 0 or 1 for each class, `[B, C]`; with smoothing `s` these count as `s / 2` and `1 − s / 2`
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  const smooth = smoothing > 0 ? add(mul(targets, 1 - smoothing), smoothing / 2) : targets;
  return mean(sum(sub(softplus(logits), mul(smooth, logits)), [1]), [0]);
}
