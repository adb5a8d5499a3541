import { createOnnxBackend } from '@patchslim/backend-onnx';
import { div, sum, tensorsIn, range } from '@patchslim/tensor';
import { prefixPositions, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { expect, it, onTestFinished } from 'vitest';
import { config, smallModel, smallTensors } from '../../test/small-model.js';
import { collectFeatures } from '../feature-store.js';
import { reconstruct } from '../reconstruction.js';
import { createAdaptedNetwork } from './adapted-network.js';
import { learnBlock } from './learn-block.js';
import { compileValidation } from './validation.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const dense: BlockPlan = { kind: 'dense' };

const storeOf = async (count: number, seed: number) => {
  const store = await collectFeatures(model, smallTensors(count, seed), { batchSize: 8 });
  onTestFinished(() => store.close());
  return store;
};

/** `E_{block + 1}` on images that nothing was learned from, relative. */
async function unseenError(network: VitModel, block: number, plan: readonly BlockPlan[]): Promise<number> {
  const store = await storeOf(16, 9);
  const shape = [16, 17, config.width];
  const everyImage = range(16);
  const batch = {
    tokens: await store.pick(block, everyImage),
    above: await store.pick(block + 1, everyImage),
  };
  const validation = await compileValidation(network.backend, [], {
    inputs: { tokens: { shape, dtype: 'float32' }, above: { shape, dtype: 'float32' } },
    loss: (_, inputs) => {
      const { error, size } = reconstruct(network, block, plan, inputs);
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

it.each(['compact', 'all'] as const)(
  'makes the error one block above smaller, with %s keys',
  async (keys) => {
    const last: BlockPlan = { kind: 'keep', keep: prefixPositions(config), keys };
    const plan: BlockPlan[] = [dense, dense, { kind: 'keep', keep: [0, 3, 8], keys }, last];
    const features = { learn: await storeOf(48, 5), heldBack: await storeOf(16, 6) };
    const options = { epochs: 6, rate: 0.003, batchSize: 8, seed: 0 };
    const before = await unseenError(model, 2, plan);
    const learned = await learnBlock(model, features, 2, plan, options);
    expect(await learnBlock(model, features, 2, plan, options)).toEqual(learned); // the same seed, the same weights
    const network = createAdaptedNetwork(model);
    network.adapt(2, learned);
    const after = await unseenError(network.model, 2, plan);
    // What a block has learned is no error of the block below, as long as that removes nothing.
    expect(await unseenError(network.model, 1, plan)).toBeLessThan(1e-9);
    network.dispose();
    if (keys === 'compact') expect(after).toBeLessThan(0.97 * before);
    else expect(after).toBeLessThanOrEqual(before + 1e-6);
    expect(tensorsIn(model.params).length).toBe(model.backend.memory.liveTensors);
  },
);
