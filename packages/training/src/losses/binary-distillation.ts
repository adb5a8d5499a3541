/** Kullback–Leibler divergence between teacher and student where each class has a sigmoid. */

import { add, mean, mul, sigmoid, sub, sum, type Tensor } from '@patchslim/tensor';
import { softplus } from './softplus.js';

/**
 * `Σ_c KL(Bernoulli(σ(teacher)) ‖ Bernoulli(σ(student)))`, mean over the images. No gradient flows into teacher logits that are
 * inputs of the step.
 * @param student logits `[B, C]`
 * @param teacher logits `[B, C]`
 */
export function binaryDistillation(student: Tensor, teacher: Tensor): Tensor {
  // log σ(z) = z − softplus(z) and log(1 − σ(z)) = −softplus(z), so the divergence of a class is p (t − s) + softplus(s) − softplus(t).
  const gap = mul(sigmoid(teacher), sub(teacher, student));
  return mean(sum(add(gap, sub(softplus(student), softplus(teacher))), [1]), [0]);
}
