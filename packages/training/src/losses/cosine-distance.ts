/** Loss of an encoder against a teacher: how far its embedding points away from the teacher's. */

import { add, div, mean, mul, neg, sqrt, sum, type Tensor } from '@patchslim/tensor';

/**
 * `1 − cos(student, teacher)`, mean over the images. No gradient flows into teacher embeddings that are inputs of the step.
 * @param student embeddings `[B, D]`
 * @param teacher embeddings `[B, D]`
 */
export function cosineDistance(student: Tensor, teacher: Tensor): Tensor {
  const dot = (a: Tensor, b: Tensor) => sum(mul(a, b), [1]);
  const lengths = mul(dot(student, student), dot(teacher, teacher));
  return add(neg(mean(div(dot(student, teacher), sqrt(add(lengths, tiny))), [0])), 1);
}

/** Keeps the gradient of an embedding of zeros finite. */
const tiny = 1e-24;
