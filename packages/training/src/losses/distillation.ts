/** The Kullback–Leibler divergence of a student's classes from a teacher's: Hinton et al., arXiv 1503.02531, without temperature. */

import { exp, logSoftmax, mean, mul, sub, sum, type Tensor } from '@patchslim/tensor';

/**
 * `KL(teacher ‖ student)`, mean over the images; nothing flows back into the teacher's logits that are an input.
 * @param student logits `[B, C]`
 * @param teacher logits `[B, C]`
 */
export function distillation(student: Tensor, teacher: Tensor): Tensor {
  const target = logSoftmax(teacher, 1);
  return mean(sum(mul(exp(target), sub(target, logSoftmax(student, 1))), [1]), [0]);
}
