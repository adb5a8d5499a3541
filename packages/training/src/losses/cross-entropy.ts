/** `−Σ t log softmax(z)`, the loss of a classifier. */

import { add, logSoftmax, mean, mul, neg, oneHot, sum, type Tensor } from '@patchslim/tensor';

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Label smoothing: the fraction of the target spread evenly over all classes. @default 0 */
  readonly smoothing?: number | undefined;
}

/**
 * Cross-entropy, mean over the images.
 * @param logits `[B, C]`
 * @param labels class indices, `int32 [B]`
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  const classes = logits.shape[1]!;
  const exact = oneHot(labels, classes);
  const target = smoothing > 0 ? add(mul(exact, 1 - smoothing), smoothing / classes) : exact;
  return neg(mean(sum(mul(target, logSoftmax(logits, 1)), [1]), [0]));
}
