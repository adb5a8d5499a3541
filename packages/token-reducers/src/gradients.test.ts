/** Gradients of a network with reducers: the choice of rows is constant, everything else is differentiated. */

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
import { keepTop, reduce } from '../test/entries.js';
import {
  distilledConfig,
  placeParams,
  randomImages,
  randomParams,
  tinyConfig,
} from '../test/random-model.js';
import { forward, mapParams, type BlockPlan, type VitConfig, type VitNetwork } from '@patchslim/vit-models';

const backend = createReferenceBackend();
/** A power of two: parameters shifted by it are exact in float32. */
const step = 2 ** -12;

const last: BlockPlan = { kind: 'keep', keep: [0], keys: 'compact' };
const dense: BlockPlan = { kind: 'dense' };
const predictor = reduce(6, 'top-k', {
  score: {
    name: 'predictor',
    positions: Array.from({ length: 10 }, (_, i) => (3 * i) % 7),
    weights: [1, -2],
  },
});

/** Rotary positions, LayerScale, a gated MLP, registers and an attention pool at once. */
const manySwitches: VitConfig = {
  ...tinyConfig,
  prefix: ['class', 'register'],
  positions: 'none',
  rope: 'half',
  qkvBias: 'query-value',
  layerScale: true,
  mlp: 'gated',
  pool: 'attention',
};

/** The others: norms inside the branches, a bias by offset, the mean of the patches. */
const otherSwitches: VitConfig = {
  ...tinyConfig,
  prefix: [],
  positions: 'patches',
  rope: 'interleaved',
  relativePositions: true,
  preNorm: true,
  attentionNorm: true,
  mlpNorm: true,
  activation: 'gelu-tanh',
  residualScale: 0.5,
  pool: 'mean',
  lastNorm: 'pooled',
};

const cases: readonly (readonly [name: string, plan: readonly BlockPlan[], config: VitConfig])[] = [
  ['merges as ToMe does', [reduce(8, 'tome'), reduce(6, 'tome'), last], tinyConfig],
  ['merges by attention', [reduce(7, 'ward'), reduce(5, 'ward'), last], tinyConfig],
  [
    'merges by attention on a checkerboard and keeps norms',
    [
      reduce(7, 'ward', { deal: 'checkerboard', norms: 'kept' }),
      reduce(5, 'ward', { deal: 'checkerboard', norms: 'kept' }),
      last,
    ],
    tinyConfig,
  ],
  ['merges half of the tokens, distilled', [dense, reduce(7, 'ward'), reduce(5, 'tome')], distilledConfig],
  ['ranks by class attention', [keepTop(7), dense, keepTop(4)], tinyConfig],
  ['ranks by a predictor', [predictor, dense, last], tinyConfig],
  ['fuses the rest', [keepTop(6, 'fuse'), keepTop(4, 'fuse'), last], tinyConfig],
  ['samples', [keepTop(7, undefined, 'sampled-attention'), dense, last], tinyConfig],
  [
    'remembers attention',
    [keepTop(7, 'fuse', 'global-class-attention'), keepTop(5, 'fuse', 'global-class-attention'), last],
    tinyConfig,
  ],
  [
    'ranks by all attention',
    [keepTop(7, undefined, 'attention-received'), keepTop(5, 'fuse', 'attention-received'), last],
    tinyConfig,
  ],
  [
    'ranks by lengths',
    [
      keepTop(7, 'fuse', 'attention-norm'),
      keepTop(5, 'fuse', 'feature-norm'),
      keepTop(3, 'fuse', 'value-norm'),
    ],
    tinyConfig,
  ],
  ['pools', [reduce(7, 'pool'), reduce(4, 'pool'), last], tinyConfig],
  [
    'merges in clusters',
    [reduce(8, 'pitome', { margin: 0.3 }), reduce(6, 'pitome', { margin: 0.1 }), last],
    tinyConfig,
  ],
  ['merges both ways', [reduce(7, 'mctf'), reduce(5, 'mctf'), last], tinyConfig],
  [
    'drops and merges',
    [reduce(7, 'diffrate', { kept: 9 }), reduce(4, 'diffrate', { kept: 4 }), last],
    tinyConfig,
  ],
  ['squeezes', [reduce(7, 'tps'), reduce(4, 'tps'), last], tinyConfig],
  ['drops by PageRank', [reduce(7, 'zero-tprune', { iterations: 3 }), dense, last], tinyConfig],
  [
    'merges and fuses with rotary positions',
    [reduce(8, 'ward'), reduce(6, 'tome'), keepTop(5, 'fuse')],
    manySwitches,
  ],
  [
    'merges and fuses with a bias by offset',
    [reduce(7, 'tome'), reduce(5, 'ward'), keepTop(4, 'fuse')],
    otherSwitches,
  ],
  ['does all of it', [reduce(8, 'ward'), keepTop(6, 'fuse'), reduce(5, 'tome')], tinyConfig],
];

/** The logits, weighted so that no two cancel, and the tokens that each block computes. */
function run(network: VitNetwork, images: Tensor, plan: readonly BlockPlan[]) {
  const { logits, captures } = forward(network, images, { plan, capture: ['positions'] });
  const count = sizeOf(logits.shape);
  const weights = Float32Array.from({ length: count }, (_, i) => ((7 * i) % 5) - 1.75);
  const loss = sum(mul(logits, backend.constant(float32(logits.shape, weights))));
  return { loss, positions: captures.map((capture) => capture.positions!) };
}

/** Parameters that are shifted together, by index: those of each block, and those outside the blocks. */
function groupsOf(network: VitNetwork): number[][] {
  const inBlocks = network.params.blocks.map((block) => new Set(tensorsIn(block)));
  const leaves = tensorsIn(network.params);
  const groupOf = leaves.map((leaf) => inBlocks.findIndex((block) => block.has(leaf)));
  return [...inBlocks.keys(), -1].map((group) => [...leaves.keys()].filter((i) => groupOf[i] === group));
}

/** +1 or −1 for each value. */
const directionsOf = (leaves: readonly Tensor[]): Float32Array[] => {
  const random = createRandom(8);
  return leaves.map(({ shape }) =>
    Float32Array.from({ length: sizeOf(shape) }, () => (random() < 0.5 ? -1 : 1)),
  );
};

/** Slope of the loss between two networks that are two steps apart. Both must choose the same tokens. */
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

it.each(cases)('gradients of a plan that %s equal finite differences', async (_, plan, config) => {
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
