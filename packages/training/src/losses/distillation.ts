/** Kullback–Leibler divergence between the class distributions of teacher and student: Hinton et al., arXiv 1503.02531, without temperature. */

import { exp, logSoftmax, mean, mul, sub, sum, type Tensor } from '@patchslim/tensor';

/**
 * `KL(teacher ‖ student)`, mean over the images. No gradient flows into teacher logits that are inputs of the step.
 * @param student logits `[B, C]`
 * @param teacher logits `[B, C]`
 */
export function distillation(student: Tensor, teacher: Tensor): Tensor {
  const target = logSoftmax(teacher, 1);
  return mean(sum(mul(exp(target), sub(target, logSoftmax(student, 1))), [1]), [0]);
}
