/** KL divergence between the classes of two models. */

/**
 * Mean over images of the Kullback–Leibler divergence `Σ_c p_c (log p_c − log q_c)`, in nats, with `p` the softmax of
 * `reference` and `q` the softmax of `logits`, both `[images, classes]`. It detects a change of confidence before any
 * class changes.
 */
export function meanDivergence(logits: Float32Array, reference: Float32Array, classes: number): number {
  const all = divergences(logits, reference, classes);
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The divergence of each image, in nats. */
export function divergences(logits: Float32Array, reference: Float32Array, classes: number): number[] {
  return Array.from({ length: reference.length / classes }, (_, image) => {
    const row = [image * classes, (image + 1) * classes] as const;
    const p = logSoftmax(reference.subarray(...row));
    const q = logSoftmax(logits.subarray(...row));
    return p.reduce((sum, value, c) => sum + Math.exp(value) * (value - q[c]!), 0);
  });
}

function logSoftmax(row: Float32Array): Float64Array {
  const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return Float64Array.from(row, (value) => value - top - Math.log(total));
}
