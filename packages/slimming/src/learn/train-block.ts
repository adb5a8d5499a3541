/**
 * The paper's fine-tuning of one block (section 3.3, Algorithm 1): only block `l` learns, its input is the original
 * feature `Z_{l−1}`, and the loss is the error one block above, `E_{l+1}`.
 */

import {
  createRandom,
  div,
  shuffled,
  sum,
  tensorsIn,
  type HostTensor,
  type LongCallOptions,
  type Specs,
  type Tensor,
  type Tensors,
  range,
} from '@patchslim/tensor';
import { adamW, cosine, createTrainer, fit } from '@patchslim/training';
import {
  tokenCount,
  type BlockParams,
  type BlockPlan,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { reconstruct } from '../reconstruction.js';
import type { TrainingBatch } from './batches.js';
import { readWeights } from './host-params.js';
import type { BlockExamples } from './block-examples.js';
import { createValidation } from './validation.js';

export interface BlockTraining {
  readonly epochs: number;
  /** Peak of the learning rate. */
  readonly rate: number;
  /** Images per step. */
  readonly batchSize: number;
  readonly seed: number;
}

/** The paper's three epochs; the rate is ours (docs/experiments.md). */
export const defaultBlockTraining = { epochs: 3, rate: 3e-4 };

/** Examples to learn from, and examples that choose the best epoch. */
export interface ExampleParts {
  readonly learn: BlockExamples;
  readonly heldBack: BlockExamples;
}

/**
 * Adapts block `block` of `network`, whose deeper blocks can already be adapted.
 * @param plan only its blocks `block` and `block + 1` are used; the blocks before are dense
 * @returns the block's parameters with the smallest error on the held-out images, possibly the initial ones, in the
 *   order of `tensorsIn`
 */
export async function trainBlock(
  network: VitModel,
  { learn, heldBack }: ExampleParts,
  block: number,
  plan: readonly BlockPlan[],
  { epochs, rate, batchSize: most, seed, signal }: BlockTraining & LongCallOptions,
): Promise<HostTensor<'float32'>[]> {
  const { backend, config } = network;
  const params = network.params.blocks[block]!;
  const loss = (values: BlockParams<Tensor>, inputs: Tensors): Tensor => {
    const blocks = network.params.blocks.with(block, values);
    const adapted = { config, params: { ...network.params, blocks } };
    const { error, size } = reconstruct(adapted, block, plan, inputs);
    return div(sum(error, [0]), sum(size, [0]));
  };
  const batchSize = Math.min(most, learn.images);
  const steps = Math.floor(learn.images / batchSize);
  const optimizer = adamW({ weightDecay: 0 });
  const inputs = featureSpecs(config, batchSize);
  const trainer = await createTrainer({ backend, params, inputs, loss, optimizer, clip: 1 });
  try {
    const validation = createValidation(backend, params, {
      loss,
      batches: () => exampleBatches(heldBack, most, range(heldBack.images)),
      signal,
    });
    try {
      await fit(trainer, {
        epochs,
        stepsPerEpoch: steps,
        rate: cosine({ peak: rate }),
        batches: (epoch) => {
          const random = createRandom((seed * 1009 + block) * 1009 + epoch);
          const order = shuffled(range(learn.images), random).slice(0, steps * batchSize);
          return exampleBatches(learn, batchSize, order);
        },
        validate: () => validation.run(trainer.params),
        signal,
      });
      return await readWeights(tensorsIn(trainer.params));
    } finally {
      await validation.dispose();
    }
  } finally {
    await trainer.dispose();
  }
}

function featureSpecs(config: VitConfig, batchSize: number): Specs {
  const spec = { shape: [batchSize, tokenCount(config), config.width], dtype: 'float32' } as const;
  return { tokens: spec, target: spec };
}

/** All images of `order`, in that order. The last batch can be smaller. */
export async function* exampleBatches(
  { tokens, target }: BlockExamples,
  batchSize: number,
  order: readonly number[],
): AsyncGenerator<TrainingBatch> {
  for (let first = 0; first < order.length; first += batchSize) {
    const images = order.slice(first, first + batchSize);
    yield { tokens: await tokens.pick(images), target: await target.pick(images) };
  }
}
