/** Gradients of a network that chooses tokens while it runs: choices are constants, everything else has its slope. */

import {
  createRandom,
  disposeAll,
  float32,
  mul,
  scope,
  sizeOf,
  sub,
  sum,
  tensorsIn,
  valueAndGrad,
  type Tensor,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { merge, rank } from '../test/entries.js';
import {
  distilledConfig,
  placeParams,
  randomImages,
  randomParams,
  tinyConfig,
} from '../test/random-model.js';
import type { BlockPlan } from './block-plan.js';
import type { VitConfig } from './configs.js';
import { forward } from './forward.js';
import { mapParams, type VitNetwork } from './params.js';

const backend = createReferenceBackend();
/** A power of two: parameters moved by it are exact in float32. */
const step = 2 ** -12;

const last: BlockPlan = { kind: 'keep', keep: [0], keys: 'compact' };
const dense: BlockPlan = { kind: 'dense' };
const predictor: BlockPlan = {
  kind: 'rank',
  count: 6,
  ranker: {
    name: 'predictor',
    positions: Array.from({ length: 10 }, (_, i) => (3 * i) % 7),
    weights: [1, -2],
  },
};

const cases: readonly (readonly [name: string, plan: readonly BlockPlan[], config: VitConfig])[] = [
  ['merges as ToMe does', [merge(8, 'tome'), merge(6, 'tome'), last], tinyConfig],
  ['merges by attention', [merge(7, 'ward'), merge(5, 'ward'), last], tinyConfig],
  ['merges half of the tokens, distilled', [dense, merge(7, 'ward'), merge(5, 'tome')], distilledConfig],
  ['ranks by class attention', [rank(7), dense, rank(4)], tinyConfig],
  ['ranks by a predictor', [predictor, dense, last], tinyConfig],
  ['fuses the rest', [rank(6, 'fuse'), rank(4, 'fuse'), last], tinyConfig],
  ['samples', [rank(7, undefined, 'sampled-attention'), dense, last], tinyConfig],
  [
    'remembers attention',
    [rank(7, 'fuse', 'global-class-attention'), rank(5, 'fuse', 'global-class-attention'), last],
    tinyConfig,
  ],
  [
    'ranks by all attention',
    [rank(7, undefined, 'attention-received'), rank(5, 'fuse', 'attention-received'), last],
    tinyConfig,
  ],
  ['pools', [merge(7, 'pool'), merge(4, 'pool'), last], tinyConfig],
  [
    'merges in clusters',
    [merge(8, { name: 'pitome', margin: 0.3 }), merge(6, { name: 'pitome', margin: 0.1 }), last],
    tinyConfig,
  ],
  ['merges both ways', [merge(7, 'mctf'), merge(5, 'mctf'), last], tinyConfig],
  [
    'drops and merges',
    [merge(7, { name: 'diffrate', kept: 9 }), merge(4, { name: 'diffrate', kept: 4 }), last],
    tinyConfig,
  ],
  ['squeezes', [merge(7, 'tps'), merge(4, 'tps'), last], tinyConfig],
  ['drops by PageRank', [merge(7, { name: 'zero-tprune', iterations: 3 }), dense, last], tinyConfig],
  ['does all of it', [merge(8, 'ward'), rank(6, 'fuse'), merge(5, 'tome')], tinyConfig],
];

/** The logits, weighted so that no two cancel; and which tokens each block computes. */
function run(network: VitNetwork, images: Tensor, plan: readonly BlockPlan[]) {
  const { logits, captures } = forward(network, images, { plan, capture: ['positions'] });
  const count = sizeOf(logits.shape);
  const weights = Float32Array.from({ length: count }, (_, i) => ((7 * i) % 5) - 1.75);
  const loss = sum(mul(logits, backend.constant(float32(logits.shape, weights))));
  return { loss, positions: captures.map((capture) => capture.positions!) };
}

/** Parameters that move together, by their place among all: each block, and what is around the blocks. */
function groupsOf(network: VitNetwork): number[][] {
  const inBlocks = network.params.blocks.map((block) => new Set(tensorsIn(block)));
  const leaves = tensorsIn(network.params);
  const groupOf = leaves.map((leaf) => inBlocks.findIndex((block) => block.has(leaf)));
  return [...inBlocks.keys(), -1].map((group) => [...leaves.keys()].filter((i) => groupOf[i] === group));
}

/** One up or one down for each value. */
const directionsOf = (leaves: readonly Tensor[]): Float32Array[] => {
  const random = createRandom(8);
  return leaves.map(({ shape }) =>
    Float32Array.from({ length: sizeOf(shape) }, () => (random() < 0.5 ? -1 : 1)),
  );
};

/** Slope of the loss between two networks that are two steps apart; no token is chosen otherwise in one of them. */
async function slopeBetween(ends: readonly VitNetwork[], images: Tensor, plan: readonly BlockPlan[]) {
  const { slope, positions } = scope(backend, () => {
    const [up, down] = ends.map((network) => run(network, images, plan));
    return {
      slope: mul(sub(up!.loss, down!.loss), 1 / (2 * step)),
      positions: [up!.positions, down!.positions],
    };
  });
  const [value] = await slope.data();
  const [above, below] = await Promise.all(
    positions.map((blocks) => Promise.all(blocks.map(async (one) => [...(await one.data())]))),
  );
  expect(above).toEqual(below);
  disposeAll([slope, positions, ends.map(({ params }) => params)]);
  return value!;
}

it.each(cases)('gradients of a plan that %s are slopes', async (_, plan, config) => {
  const hosts = randomParams(config, 3);
  const images = backend.constant(randomImages(config, 2, 4));
  const network = placeParams(backend, config, hosts);
  const leaves = tensorsIn(network.params);
  const directions = directionsOf(leaves);
  const { value, grads } = valueAndGrad(backend, leaves, () => run(network, images, plan).loss);
  const slopes = await Promise.all(
    grads.map(async (grad, i) =>
      [...(await grad.data())].reduce((sum, slope, k) => sum + slope * directions[i]![k]!, 0),
    ),
  );
  for (const group of groupsOf(network)) {
    const ends = [step, -step].map((by) => {
      let next = 0;
      const moved = mapParams(hosts, ({ shape, data }) => {
        const which = next++;
        return float32(
          shape,
          group.includes(which) ? data.map((one, k) => one + by * directions[which]![k]!) : data,
        );
      });
      return placeParams(backend, config, moved);
    });
    const got = group.reduce((sum, which) => sum + slopes[which]!, 0);
    const wanted = await slopeBetween(ends, images, plan);
    expect(Math.abs(wanted)).toBeGreaterThan(1e-3);
    expect(Math.abs(got - wanted), `${got}, slope ${wanted}`).toBeLessThan(1e-3 * Math.abs(wanted) + 1e-4);
  }
  disposeAll([value, grads, network.params, images]);
  expect(backend.memory.liveTensors).toBe(0);
});
