/** Targets of the rows of a slimmed network. */

import { mapTensors, mul, type HostTensor, type Tensor } from '@patchslim/tensor';
import { embed, runBlocks, type BlockPlan, type VitNetwork } from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { dynamicPlans, fourImages } from '../../test/dynamic-plans.js';
import { smallModel } from '../../test/small-model.js';
import { objectiveLoss } from './objective.js';

const objective = { labels: 0, logits: 0, features: 1, smoothing: 0 };

let dense: VitNetwork;
let images: Tensor;
beforeAll(async () => {
  const model = await smallModel();
  dense = model;
  images = model.backend.constant(await fourImages());
});

const lossOf = async (network: VitNetwork, plan: readonly BlockPlan[], teacher = network): Promise<number> =>
  (await objectiveLoss(network, plan, teacher, { images }, objective).data())[0]!;

/** Identity blocks: a row is the mean of the rows that were merged into it. */
function idle({ config, params }: VitNetwork): VitNetwork {
  const none = <T>(part: T): T => mapTensors(part, (tensor) => mul(tensor, 0));
  const blocks = params.blocks.map((block) => ({
    ...block,
    projection: none(block.projection),
    mlp2: none(block.mlp2),
  }));
  return { config, params: { ...params, blocks } };
}

const fixed: readonly BlockPlan[] = [
  { kind: 'keep', keep: [3, 0, 5, 8], keys: 'all' },
  { kind: 'keep', keep: [5, 0, 3], keys: 'compact' },
  { kind: 'dense' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];

describe.each([...dynamicPlans, ['that keeps fixed positions', fixed] as const])(
  'under a plan %s',
  (_, plan) => {
    it('the loss is zero for a network that changes nothing', async () => {
      expect(await lossOf(idle(dense), plan)).toBeLessThan(1e-12);
    });

    it('each row has the dense features at its positions as target', async () => {
      const loss = await lossOf(dense, plan);
      expect(loss).toBeGreaterThan(1e-4);
      expect(loss).toBeCloseTo(await plainError(dense, plan), 6);
    });
  },
);

/** The same in plain loops, from the captured sources of each row. */
async function plainError(network: VitNetwork, plan: readonly BlockPlan[]): Promise<number> {
  const start = embed(network, images);
  const errors: number[] = [];
  for (let to = 1; to <= plan.length; to++) {
    const slimmed = runBlocks(network, start, { plan, to, capture: ['sources'] });
    const sources = await slimmed.captures.at(-1)!.sources!.toHost();
    const own = await slimmed.state.tokens.toHost();
    const whole = await runBlocks(network, start, { to }).state.tokens.toHost();
    errors.push(relativeError(own, whole, sources));
  }
  return errors.reduce((a, b) => a + b) / errors.length;
}

function relativeError(own: HostTensor, whole: HostTensor, sources: HostTensor): number {
  const [batch, rows, positions] = sources.shape as [number, number, number];
  const [reaching, width] = own.shape.slice(1) as [number, number];
  let [error, size] = [0, 0];
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < rows; row++) {
      const start = (image * rows + row) * positions;
      const weights = [...sources.data.slice(start, start + positions)];
      if (weights.reduce((a, b) => a + b) < 0.99) continue; // a fused row is not a mean
      for (let channel = 0; channel < width; channel++) {
        const wanted = weights.reduce(
          (sum, weight, position) =>
            sum + weight * whole.data[(image * positions + position) * width + channel]!,
          0,
        );
        error += (own.data[(image * reaching + row) * width + channel]! - wanted) ** 2;
        size += wanted ** 2;
      }
    }
  }
  return error / size;
}
