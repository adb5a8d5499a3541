/** KL divergence between the classes of two models. */

import { headOf, type HeadConfig } from '../head/head.js';

/**
 * Mean over images of the Kullback–Leibler divergence from `reference`, in nats; both are logits `[images, classes]`. It is
 * `Σ_c p_c (log p_c − log q_c)`, with `p` and `q` the softmax of reference and logits; where an image may have several classes,
 * the sum of the divergences of each class, yes or no. It detects a change of confidence before any class changes.
 */
export function meanDivergence(logits: Float32Array, reference: Float32Array, config: HeadConfig): number {
  const all = divergences(logits, reference, config);
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The divergence of each image, in nats. */
export function divergences(logits: Float32Array, reference: Float32Array, config: HeadConfig): number[] {
  const { classes } = config;
  const head = headOf(config);
  return Array.from({ length: reference.length / classes }, (_, image) => {
    const row = [image * classes, (image + 1) * classes] as const;
    return head.divergence(logits.subarray(...row), reference.subarray(...row));
  });
}
