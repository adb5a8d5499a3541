/** What follows from the activation of a model's head: probabilities, divergence, losses, labels. One file for each activation. */

import type { ImageBatch } from '@patchslim/datasets';
import type { HostTensor, Tensor, TensorSpec } from '@patchslim/tensor';
import type { CrossEntropyOptions } from '@patchslim/training';
import { headActivation, type HeadActivation, type VitConfig } from '@patchslim/vit-models';
import { sigmoidHead } from './sigmoid.js';
import { softmaxHead } from './softmax.js';

/** The part of a configuration that a head depends on. */
export type HeadConfig = Pick<VitConfig, 'classes' | 'multiLabel'>;

/** `B` images, `C` classes. */
export interface Head {
  readonly activation: HeadActivation;
  /** Logits `[C]` → the probability of each class, 0 to 1. */
  probabilities(logits: Float32Array): Float64Array;
  /** KL divergence of an image from `reference`, in nats; both are logits `[C]`. */
  divergence(logits: Float32Array, reference: Float32Array): number;
  /** Scalar loss of logits `[B, C]` against what `labelsOf` gives. */
  labelLoss(logits: Tensor, labels: Tensor, options: CrossEntropyOptions): Tensor;
  /** Scalar KL divergence of student from teacher, logits `[B, C]` each. */
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
export const headOf = (config: HeadConfig): Head =>
  headActivation(config) === 'sigmoid' ? sigmoidHead(config) : softmaxHead(config);
