/** How logits become probabilities. This is the one place that decides it: everything else asks `headActivation`. */

import type { VitConfig } from './config.js';

/** `softmax`: the classes exclude each other. `sigmoid`: an image has each class or not, whatever the others are. */
export type HeadActivation = 'softmax' | 'sigmoid';

/**
 * The activation of a model's head: a sigmoid for several labels per image (`config.multiLabel`) and for a single logit, whose
 * softmax would always be 1; else a softmax. Hugging Face transformers decides the same way.
 *
 * @example
 * headActivation(vitConfig('deit-tiny')); // 'softmax'
 */
export function headActivation({
  classes,
  multiLabel = false,
}: Pick<VitConfig, 'classes' | 'multiLabel'>): HeadActivation {
  return multiLabel || classes === 1 ? 'sigmoid' : 'softmax';
}
