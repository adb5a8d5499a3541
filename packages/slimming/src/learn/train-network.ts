/** Trains a network on images, dense or under a plan: from scratch, fine-tuning with labels, or against a teacher. */

import { skippedText, type AugmentOptions, type ImageSet } from '@patchslim/datasets';
import { add, mul, type HostTensor, type LongCallOptions, type Tensor } from '@patchslim/tensor';
import {
  adamW,
  cosine,
  createTrainer,
  fit,
  type EpochResult,
  type FitOptions,
  type FitProgress,
  type Loss,
  type Optimizer,
} from '@patchslim/training';
import {
  densePlan,
  type BlockPlan,
  type VitModel,
  type VitNetwork,
  type VitParams,
} from '@patchslim/vit-models';
import { requireImages } from '../require-images.js';
import { batchSpecs, epochBatches, plainBatches } from './batches.js';
import { trainableTensors, withParams, type Trainable } from './trainable-params.js';
import { hostParams } from './host-params.js';
import { objectiveLoss, type Objective } from './objective.js';
import { createValidation } from './validation.js';

/** Options of `trainNetwork`. */
export interface TrainOptions extends LongCallOptions {
  /** The steps take one plan after the other; the held-out images are judged under all. Default: dense. */
  readonly plans?: readonly (readonly BlockPlan[])[] | undefined;
  readonly objective: Objective;
  /** Dense network to learn from; required if the objective has weight on logits or features. */
  readonly teacher?: VitNetwork | undefined;
  readonly trainable: Trainable;
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Peak learning rate: linear warm-up over a tenth of the steps, then cosine decay. */
  readonly rate: number;
  /** @default adamW() */
  readonly optimizer?: Optimizer | undefined;
  /** Largest norm of the gradients (clipping). */
  readonly clip?: number | undefined;
  readonly augment: AugmentOptions;
  /** Seed of the order and augmentation of the images. */
  readonly seed: number;
  /** Held-out images that decide when to stop, and which epoch is best. */
  readonly heldBack?: ImageSet | undefined;
  /** Epochs without improvement on the held-out images before training stops. */
  readonly patience?: number | undefined;
  readonly resume?: FitProgress | undefined;
  readonly onEpoch?: FitOptions<string>['onEpoch'];
  /** Name for progress events. */
  readonly stage?: string | undefined;
}

/** Trained parameters, and the course of the training. */
export interface Trained {
  readonly params: VitParams<HostTensor<'float32'>>;
  readonly epochs: readonly EpochResult[];
}

/**
 * Returns trained parameters; the model is unchanged. The same inputs and seed give the same parameters.
 * @throws DATA_INVALID for images without labels when the objective needs labels, or when there is no image;
 *   NUMERICAL when training diverges; ABORTED; errors of decoding
 */
export async function trainNetwork(
  model: VitModel,
  images: ImageSet,
  options: TrainOptions,
): Promise<Trained> {
  const { config, backend } = model;
  const { objective, plans = [densePlan(config)], teacher, heldBack, seed, augment, signal } = options;
  requireImages(images.count, `training on '${images.name}'`, images);
  const batchSize = Math.min(options.batchSize, images.count);
  const stepsPerEpoch = Math.floor(images.count / batchSize);
  const learns = objective.labels > 0 ? config : undefined;
  const chosen = trainableTensors(model, options.trainable);
  const lossUnder =
    (plan: readonly BlockPlan[]): Loss<readonly Tensor[], string> =>
    (values, inputs) => {
      const student = { config, params: withParams(model.params, chosen, values) };
      const given = { images: inputs['images']!, labels: inputs['labels'] };
      return objectiveLoss(student, plan, teacher, given, objective);
    };
  const losses = plans.map(lossUnder);
  const trainer = await createTrainer({
    backend,
    params: chosen,
    inputs: batchSpecs(config, batchSize, learns),
    loss: losses,
    optimizer: options.optimizer ?? adamW(),
    clip: options.clip,
  });
  try {
    const validation =
      heldBack &&
      createValidation(backend, chosen, {
        loss: meanOf(losses),
        batches: () => plainBatches(heldBack, { batchSize, learns, signal }),
        missing: () => ` of '${heldBack.name}'${skippedText(heldBack)}`,
        signal,
      });
    try {
      const { epochs } = await fit(trainer, {
        ...options,
        stepsPerEpoch,
        rate: cosine({ peak: options.rate }),
        batches: (epoch) =>
          epochBatches(images, { epoch, seed, batchSize, steps: stepsPerEpoch, augment, learns, signal }),
        validate: validation && (() => validation.run(trainer.params)),
      });
      return { params: await hostParams(withParams(model.params, chosen, trainer.params)), epochs };
    } finally {
      await validation?.dispose();
    }
  } finally {
    await trainer.dispose();
  }
}

const meanOf =
  <T>(losses: readonly Loss<T, string>[]): Loss<T, string> =>
  (params, inputs) =>
    mul(
      losses.map((loss) => loss(params, inputs)).reduce((a, b) => add(a, b)),
      1 / losses.length,
    );
