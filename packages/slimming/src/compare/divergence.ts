/** How far the classes of one model are from those of another. */

/**
 * Mean over images of the Kullback–Leibler divergence `Σ_c p_c (log p_c − log q_c)`, in nats, with `p` the softmax of
 * `reference` and `q` that of `logits`, both `[images, classes]`. It sees a change of confidence before any class changes.
 */
export function meanDivergence(logits: Float32Array, reference: Float32Array, classes: number): number {
  let sum = 0;
  for (let start = 0; start < reference.length; start += classes) {
    const p = logSoftmax(reference.subarray(start, start + classes));
    const q = logSoftmax(logits.subarray(start, start + classes));
    for (let c = 0; c < classes; c++) sum += Math.exp(p[c]!) * (p[c]! - q[c]!);
  }
  return (sum * classes) / reference.length;
}

function logSoftmax(row: Float32Array): Float64Array {
  const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return Float64Array.from(row, (value) => value - top - Math.log(total));
}
