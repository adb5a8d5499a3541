/** What follows from the activation of a model's head: probabilities, divergence, losses, labels. One file for each activation. */

import type { ImageBatch } from '@patchslim/datasets';
import type { HostTensor, Tensor, TensorSpec } from '@patchslim/tensor';
import type { CrossEntropyOptions } from '@patchslim/training';
import { headActivation, type HeadActivation, type HeadConfig } from '@patchslim/vit-models';
import { embeddingHead } from './embedding.js';
import { sigmoidHead } from './sigmoid.js';
import { softmaxHead } from './softmax.js';

/** How two outputs for an image differ: the KL divergence of their classes, or 1 − cosine of their embeddings. */
export type Measure = 'kl' | 'cosine';

/** `B` images, `C` classes; of an encoder the outputs `[B, C]` are embeddings, and everything about labels throws. */
export interface Head {
  readonly activation: HeadActivation;
  readonly measure: Measure;
  /** Logits `[C]` → the probability of each class, 0 to 1. */
  probabilities(logits: Float32Array): Float64Array;
  /** Divergence of an image from `reference`, by `measure`, in nats for KL; both are outputs `[C]`. */
  divergence(logits: Float32Array, reference: Float32Array): number;
  /** Scalar loss of logits `[B, C]` against what `labelsOf` gives. */
  labelLoss(logits: Tensor, labels: Tensor, options: CrossEntropyOptions): Tensor;
  /** Scalar divergence of student from teacher, outputs `[B, C]` each. */
  distillationLoss(student: Tensor, teacher: Tensor): Tensor;
  /** Shape and type of the labels of `batchSize` images. */
  labelSpec(batchSize: number): TensorSpec;
  /**
   * The labels of a batch, as `labelLoss` takes them; undefined when it has none.
   * @param set name of the images, for errors
   * @throws DATA_INVALID for a label without a class in the model
   */
  labelsOf(batch: ImageBatch, set: string): HostTensor | undefined;
}

/** The head of a model. */
export function headOf(config: HeadConfig): Head {
  const activation = headActivation(config);
  switch (activation) {
    case 'softmax':
      return softmaxHead(config);
    case 'sigmoid':
      return sigmoidHead(config);
    case 'none':
      return embeddingHead;
    default:
      return activation satisfies never;
  }
}

/** The measure of a model's divergences, for a step of a plan; a step without it has KL divergences. */
export function measureOf(config: HeadConfig): { readonly measure?: 'cosine' } {
  const { measure } = headOf(config);
  return measure === 'kl' ? {} : { measure };
}
