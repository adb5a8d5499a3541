/** Plans that choose the tokens of each image, for the small model, and their logits on any backend. Also loads in a browser. */

import { createRandom, runOnHost, type Backend, type HostTensor } from '@patchslim/tensor';
import { forward, type BlockPlan } from '@patchslim/vit-models';
import { smallModel, smallTensors } from './small-model.js';

const random = createRandom(9);
const draw = (length: number, size: number) => Array.from({ length }, () => size * (random() - 0.5));
const rank = (count: number): BlockPlan => ({
  kind: 'rank',
  count,
  ranker: { name: 'predictor', positions: draw(17, 1), weights: draw(8, 4) },
});

const prefix: BlockPlan = { kind: 'keep', keep: [0], keys: 'compact' };

export const dynamicPlans: readonly (readonly [name: string, plan: readonly BlockPlan[]])[] = [
  // Two blocks rank, one of them tokens that another has chosen.
  ['that ranks tokens', [rank(11), { kind: 'dense' }, rank(5), prefix]],
  [
    'that merges and fuses tokens',
    [
      { kind: 'merge', count: 12, merger: { name: 'ward' } },
      { kind: 'merge', count: 8, merger: { name: 'tome' } },
      { kind: 'rank', count: 5, ranker: { name: 'class-attention' }, rest: 'fuse' },
      prefix,
    ],
  ],
];

/** `[4, 3, 16, 16]`. */
export async function fourImages(): Promise<HostTensor<'float32'>> {
  for await (const { images } of smallTensors(4).batches(4)) return images;
  throw new Error('no images');
}

export async function logitsOf(backend: Backend, plan: readonly BlockPlan[]): Promise<HostTensor> {
  const [model, images] = [await smallModel(backend), await fourImages()];
  const program = await backend.compile(
    (inputs) => ({ logits: forward(model, inputs.images, { plan }).logits }),
    { images: { shape: images.shape, dtype: 'float32' } },
  );
  const { logits } = await runOnHost(backend, program, { images });
  await program.dispose();
  return logits;
}
