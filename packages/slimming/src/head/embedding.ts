/** An encoder: its output is an embedding of the image, of which only the direction counts. */

import { PatchslimError } from '@patchslim/tensor';
import { cosineDistance } from '@patchslim/training';
import type { Head } from './head.js';
import { cosineOf } from './cosine.js';

export const embeddingHead: Head = {
  activation: 'none',
  measure: 'cosine',
  probabilities: refuse,
  divergence: (embedding, reference) => 1 - cosineOf(embedding, reference),
  labelLoss: refuse,
  distillationLoss: cosineDistance,
  labelSpec: refuse,
  labelsOf: refuse,
};

function refuse(): never {
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    'the model is an encoder: it gives embeddings, and has no classes to predict or to learn',
  );
}
