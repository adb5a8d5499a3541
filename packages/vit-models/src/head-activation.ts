/**
 * What a model's output is: classes or an embedding, and how logits become probabilities. This is the one place that decides it:
 * everything else asks `givesEmbedding` or `headActivation`.
 */

import { PatchslimError } from '@patchslim/tensor';
import type { VitConfig } from './config.js';

/** The part of a configuration that says what the outputs are. */
export type HeadConfig = Pick<VitConfig, 'classes' | 'multiLabel' | 'headless' | 'projection'>;

/**
 * `softmax`: the classes exclude each other. `sigmoid`: an image has each class or not, whatever the others are. `none`: there are
 * no classes; the output is an embedding.
 */
export type HeadActivation = 'softmax' | 'sigmoid' | 'none';

/**
 * Whether the output of a model is an embedding of the image, and no logits of classes: the features of an encoder without a head
 * (DINOv2, SigLIP), or their projection (CLIP).
 *
 * @example
 * givesEmbedding(vitConfig('clip-base-32')); // true
 */
export const givesEmbedding = ({ headless = false, projection = false }: HeadConfig): boolean =>
  headless || projection;

/**
 * The activation of a model's head: none of an encoder; a sigmoid for several labels per image (`config.multiLabel`) and for a single
 * logit, whose softmax would always be 1; else a softmax. Hugging Face transformers decides the same way.
 *
 * @example
 * headActivation(vitConfig('deit-tiny')); // 'softmax'
 */
export function headActivation(config: HeadConfig): HeadActivation {
  if (givesEmbedding(config)) return 'none';
  return config.multiLabel || config.classes === 1 ? 'sigmoid' : 'softmax';
}

/**
 * Makes sure that a model has classes.
 *
 * @param where function, for the message
 * @throws `INVALID_ARGUMENT` for a model that gives an embedding
 * @example
 * requireClasses(model.config, 'classify');
 */
export function requireClasses(config: HeadConfig, where: string): void {
  if (!givesEmbedding(config)) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${where}: the model is an encoder: it gives embeddings and has no classes; use embed, or weights of a classifier`,
  );
}
