/** A plan that ranks the tokens of each image, for the small model, and its logits on any backend. Also loads in a browser. */

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

/** Two blocks rank, one of them tokens that another has chosen. */
export const rankPlan: readonly BlockPlan[] = [
  rank(11),
  { kind: 'dense' },
  rank(5),
  { kind: 'keep', keep: [0], keys: 'compact' },
];

/** `[4, 3, 16, 16]`. */
export async function fourImages(): Promise<HostTensor<'float32'>> {
  for await (const { images } of smallTensors(4).batches(4)) return images;
  throw new Error('no images');
}

export async function rankedLogits(backend: Backend): Promise<HostTensor> {
  const [model, images] = [await smallModel(backend), await fourImages()];
  const program = await backend.compile(
    (inputs) => ({ logits: forward(model, inputs.images, { plan: rankPlan }).logits }),
    { images: { shape: images.shape, dtype: 'float32' } },
  );
  const { logits } = await runOnHost(backend, program, { images });
  await program.dispose();
  return logits;
}
