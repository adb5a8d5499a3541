/** Logits for people: the likeliest classes by name. */

import { PatchslimError } from '@patchslim/tensor';
import type { HeadConfig } from '@patchslim/vit-models';
import { headOf } from './head/head.js';

/** A class and its predicted probability. */
export interface ClassGuess {
  readonly index: number;
  /** Its name in the checkpoint; `class 3` if it has none. */
  readonly label: string;
  /** 0 to 1: by a softmax, or where an image may have several classes by a sigmoid (`headActivation`). */
  readonly probability: number;
}

/** Which classes are given. */
export interface GuessOptions {
  /** Number of classes; all if there are fewer. @default 5 */
  readonly top?: number | undefined;
  /** Least probability of a class, 0 to 1. @default 0 */
  readonly threshold?: number | undefined;
}

/**
 * The likeliest classes, likeliest first. Ties: the lower index first.
 *
 * @param logits `[C]`
 * @param model its head, and the names of its classes by index
 * @throws INVALID_ARGUMENT unless `top` is a positive integer, and `threshold` is in [0, 1]
 * @example
 * likeliest(logits, model, { top: 5 })[0]; // { index: 207, label: 'golden retriever', probability: 0.9 }
 */
export function likeliest(
  logits: Float32Array,
  { config, labels }: { readonly config: HeadConfig; readonly labels?: readonly string[] | undefined },
  { top = 5, threshold = 0 }: GuessOptions = {},
): ClassGuess[] {
  if (!Number.isSafeInteger(top) || top < 1) {
    throw new PatchslimError('INVALID_ARGUMENT', `classify: expected top > 0, an integer, got ${top}`, {
      top,
    });
  }
  if (!(threshold >= 0 && threshold <= 1)) {
    const message = `classify: expected threshold from 0 to 1, got ${threshold}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { threshold });
  }
  return Array.from(headOf(config).probabilities(logits), (probability, index) => ({
    index,
    label: labels?.[index] ?? `class ${index}`,
    probability,
  }))
    .filter(({ probability }) => probability >= threshold)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
