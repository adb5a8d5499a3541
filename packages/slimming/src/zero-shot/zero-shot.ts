/** Zero-shot classification: the class of an image is the one whose text embedding is nearest (arXiv 2103.00020). */

import { PatchslimError } from '@patchslim/tensor';
import { givesEmbedding, type VitConfig } from '@patchslim/vit-models';
import { normalizedRows } from '../head/cosine.js';
import { collectPredictions, type Predictions } from '../predictions.js';
import type { TextEmbeddings } from './text-embeddings.js';

/** The classes as those of a head with a softmax. */
export const zeroShotHead = ({ classes }: TextEmbeddings) => ({ classes });

/**
 * The predictions of an encoder as those of a classifier: logits are the scaled cosines to the text embeddings.
 * @throws DATA_INVALID for a label without a class
 */
export function zeroShot(predictions: Predictions, text: TextEmbeddings): Predictions {
  const { ids, embeddings, decodeMs, inferMs } = predictions;
  const { width, values, labels } = embeddings!;
  const { classes, logitScale } = text;
  const rows = normalizedRows(values, width);
  const logits = new Float32Array(ids.length * classes);
  for (let image = 0; image < ids.length; image++) {
    for (let index = 0; index < classes; index++) {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += rows[image * width + i]! * text.values[index * width + i]!;
      logits[image * classes + index] = logitScale * dot;
    }
  }
  const collector = collectPredictions(
    { name: 'text embeddings', count: ids.length },
    zeroShotHead(text),
    true,
  );
  collector.add({ ids, ...(labels && { labels }) }, logits, inferMs);
  return collector.result(decodeMs);
}

/**
 * Makes sure that text embeddings are of the space of a model's embeddings.
 * @throws INVALID_ARGUMENT for a classifier, or an encoder whose embeddings have another width
 */
export function requireFittingText(config: VitConfig, { width }: TextEmbeddings): void {
  const { name, classes } = config;
  if (givesEmbedding(config) && classes === width) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    givesEmbedding(config)
      ? `text embeddings have ${width} numbers, and the image embeddings of '${name}' have ${classes}; are they of the same model?`
      : `text embeddings: '${name}' is a classifier; they need an encoder of images and text, such as CLIP or SigLIP`,
    { width, classes },
  );
}
