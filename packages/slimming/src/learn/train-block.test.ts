import { createOnnxBackend } from '@patchslim/backend-onnx';
import { div, sum, tensorsIn, range } from '@patchslim/tensor';
import { prefixPositions, type BlockPlan } from '@patchslim/vit-models';
import { expect, it, onTestFinished } from 'vitest';
import { config, smallModel, smallTensors } from '../../test/small-model.js';
import { reconstruct } from '../reconstruction.js';
import { createAdaptedNetwork, type AdaptedNetwork } from './adapted-network.js';
import type { TrainingBatch } from './batches.js';
import { trainBlock, exampleBatches } from './train-block.js';
import { collectExamples } from './block-examples.js';
import { createValidation } from './validation.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const dense: BlockPlan = { kind: 'dense' };

const lessonsFor = async (network: AdaptedNetwork, count: number, seed: number) => {
  const examples = await collectExamples(model, network, smallTensors(count, seed), { batchSize: 8 });
  onTestFinished(() => examples.close());
  return examples;
};

/** Relative `E_{block + 1}` on unseen images. */
async function unseenError(
  network: AdaptedNetwork,
  block: number,
  plan: readonly BlockPlan[],
): Promise<number> {
  const { tokens, target } = await (await lessonsFor(network, 16, 9)).of(block);
  const everyImage = range(16);
  const batch = {
    tokens: await tokens.pick(everyImage),
    target: await target.pick(everyImage),
  };
  const validation = createValidation(network.model.backend, [], {
    loss: (_, inputs) => {
      const { error, size } = reconstruct(network.model, block, plan, inputs);
      return div(sum(error, [0]), sum(size, [0]));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- batches come as a stream
    batches: async function* () {
      yield batch;
    },
  });
  try {
    return await validation.run([]);
  } finally {
    await validation.dispose();
  }
}

it.each(['compact', 'all'] as const)('reduces the error one block above, with %s keys', async (keys) => {
  const last: BlockPlan = { kind: 'keep', keep: prefixPositions(config), keys };
  const plan: BlockPlan[] = [dense, dense, { kind: 'keep', keep: [0, 3, 8], keys }, last];
  const network = createAdaptedNetwork(model);
  const examples = {
    learn: await (await lessonsFor(network, 48, 5)).of(2),
    heldBack: await (await lessonsFor(network, 16, 6)).of(2),
  };
  const options = { epochs: 6, rate: 0.003, batchSize: 8, seed: 0 };
  const before = await unseenError(network, 2, plan);
  const learned = await trainBlock(model, examples, 2, plan, options);
  expect(await trainBlock(model, examples, 2, plan, options)).toEqual(learned); // the same seed, the same weights
  network.adapt(2, learned);
  const after = await unseenError(network, 2, plan);
  // A block's learned change is not an error of the block below, if the block below removes nothing.
  expect(await unseenError(network, 1, plan)).toBeLessThan(1e-9);
  network.dispose();
  if (keys === 'compact') expect(after).toBeLessThan(0.97 * before);
  else expect(after).toBeLessThanOrEqual(before + 1e-6);
  expect(tensorsIn(model.params).length).toBe(model.backend.memory.liveTensors);
});

it('examples are read to the last image', async () => {
  const examples = await (await lessonsFor(createAdaptedNetwork(model), 10, 3)).of(1);
  const order = [9, 3, 0, 1, 2, 4, 5, 6, 7, 8];
  const batches: TrainingBatch[] = [];
  for await (const batch of exampleBatches(examples, 4, order)) batches.push(batch);
  expect(batches.map(({ tokens }) => tokens!.shape[0])).toEqual([4, 4, 2]);
  expect(batches[2]).toEqual({
    tokens: await examples.tokens.pick([7, 8]),
    target: await examples.target.pick([7, 8]),
  });
});
