/** Logits for people: the likeliest classes by name. */

import { PatchslimError } from '@patchslim/tensor';

/** A class and its predicted probability. */
export interface ClassGuess {
  readonly index: number;
  /** Its name in the checkpoint; `class 3` if it has none. */
  readonly label: string;
  /** 0 to 1. */
  readonly probability: number;
}

/**
 * The likeliest classes, likeliest first. Ties: the lower index first.
 *
 * @param logits `[C]`
 * @param labels names of the classes, by index
 * @param top number of classes; all if there are fewer
 * @throws INVALID_ARGUMENT unless `top` is a positive integer
 * @example
 * likeliest(logits, model.labels, 5)[0]; // { index: 207, label: 'golden retriever', probability: 0.9 }
 */
export function likeliest(
  logits: Float32Array,
  labels: readonly string[] | undefined,
  top: number,
): ClassGuess[] {
  if (!Number.isSafeInteger(top) || top < 1) {
    throw new PatchslimError('INVALID_ARGUMENT', `classify: expected top > 0, an integer, got ${top}`, {
      top,
    });
  }
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights
    .map((weight, index) => ({
      index,
      label: labels?.[index] ?? `class ${index}`,
      probability: weight / sum,
    }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
