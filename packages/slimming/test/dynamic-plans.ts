/**
 * Plans that choose tokens per image, for the small model, and their logits on any backend. Also loads in a browser.
 */

import type { ScoreData } from '@patchslim/importance-estimators';
import { createRandom, runOnHost, type Backend, type HostTensor } from '@patchslim/tensor';
import { forward, placeModel, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import { dinov3, siglip, t2t } from './family-networks.js';
import { reduceTo } from './reduce-to.js';
import { checkpointFor, config, imagesFor } from './small-model.js';

const random = createRandom(9);
const draw = (length: number, size: number) => Array.from({ length }, () => size * (random() - 0.5));
const rank = (count: number): BlockPlan =>
  reduceTo(count, 'top-k', { score: { name: 'predictor', positions: draw(17, 1), weights: draw(8, 4) } });
const rankBy = (count: number, name: Exclude<ScoreData['name'], 'predictor'>, rest?: 'fuse'): BlockPlan =>
  reduceTo(count, 'top-k', { score: { name }, rest });
const prefix: BlockPlan = { kind: 'keep', keep: [0], keys: 'compact' };

export const dynamicPlans: readonly (readonly [name: string, plan: readonly BlockPlan[]])[] = [
  [
    'that merges and fuses tokens',
    [reduceTo(12, 'ward'), reduceTo(8, 'tome'), rankBy(5, 'class-attention', 'fuse'), prefix],
  ],
  // Two blocks rank; one of them ranks tokens that the other has chosen.
  ['that ranks tokens', [rank(11), { kind: 'dense' }, rank(5), prefix]],
  [
    'that merges in clusters, both ways, and after dropping',
    [
      reduceTo(13, 'pitome', { margin: 0.4 }),
      reduceTo(10, 'mctf'),
      reduceTo(6, 'diffrate', { kept: 8 }),
      prefix,
    ],
  ],
  [
    'that pools, squeezes and drops similar tokens',
    [reduceTo(13, 'pool'), reduceTo(9, 'tps'), reduceTo(6, 'zero-tprune', { iterations: 4 }), prefix],
  ],
  [
    'that samples and remembers attention',
    [
      rankBy(12, 'sampled-attention'),
      rankBy(10, 'global-class-attention', 'fuse'),
      rankBy(7, 'global-class-attention'),
      rankBy(4, 'attention-received'),
    ],
  ],
];

/**
 * Networks like three families, each with a plan: it merges at rotary positions, ranks by the probe of an attention pool, and
 * merges behind a stem of tokens.
 */
export const familyPlans: readonly { readonly config: VitConfig; readonly plan: readonly BlockPlan[] }[] = [
  { config: dinov3, plan: [reduceTo(9, 'tome'), reduceTo(7, 'ward')] },
  { config: siglip, plan: [reduceTo(7, 'tome'), rankBy(4, 'class-attention', 'fuse')] },
  { config: t2t, plan: [reduceTo(11, 'ward'), prefix] },
];

/** `[4, 3, S, S]`. */
export async function fourImages(network: VitConfig = config): Promise<HostTensor<'float32'>> {
  for await (const { images } of imagesFor(network, 4).batches(4)) return images;
  throw new Error('no images');
}

export async function logitsOf(
  backend: Backend,
  plan: readonly BlockPlan[],
  network: VitConfig = config,
): Promise<HostTensor> {
  const images = await fourImages(network);
  const model = placeModel(backend, await checkpointFor(network));
  const program = await backend.compile(
    (inputs) => ({ logits: forward(model, inputs.images, { plan }).logits }),
    { images: { shape: images.shape, dtype: 'float32' } },
  );
  const { logits } = await runOnHost(backend, program, { images });
  await program.dispose();
  return logits;
}
