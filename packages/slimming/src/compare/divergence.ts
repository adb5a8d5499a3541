/** How far the outputs of two models are apart. */

import type { HeadConfig } from '@patchslim/vit-models';
import { headOf } from '../head/head.js';

/**
 * Mean divergence over images from `reference`; both are outputs `[images, classes]`. With classes it is the Kullback–Leibler
 * divergence in nats, `Σ_c p_c (log p_c − log q_c)`, with `p` and `q` the softmax of reference and logits; where an image may have
 * several classes, the sum of the divergences of each class, yes or no. It detects a change of confidence before any class changes.
 * Of embeddings it is 1 − cosine.
 */
export function meanDivergence(outputs: Float32Array, reference: Float32Array, config: HeadConfig): number {
  const all = divergences(outputs, reference, config);
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The divergence of each image. */
export function divergences(outputs: Float32Array, reference: Float32Array, config: HeadConfig): number[] {
  const { classes } = config;
  const head = headOf(config);
  return Array.from({ length: reference.length / classes }, (_, image) => {
    const row = [image * classes, (image + 1) * classes] as const;
    return head.divergence(outputs.subarray(...row), reference.subarray(...row));
  });
}
