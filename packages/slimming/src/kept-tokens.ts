/** What a plan keeps of given images: for plans that rank the tokens of each image, only a run can tell. */

import type { ImageSet } from '@patchslim/datasets';
import { scope, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { embed, runBlocks, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages } from './batched-program.js';

export interface KeptTokensOptions extends LongCallOptions {
  readonly plan: readonly BlockPlan[];
  readonly batchSize: number;
}

/**
 * Positions of the tokens that each block computes, `[image][block]`, ascending.
 * @throws PLAN_INVALID, ABORTED, and what decoding throws
 * @example
 * const [first] = await keptTokens(model, images, { plan: plan.blocks, batchSize: 1 });
 */
export async function keptTokens(
  model: VitModel,
  images: ImageSet,
  { plan, batchSize, signal, onProgress }: KeptTokensOptions,
): Promise<number[][][]> {
  const { backend } = model;
  const program = await compileOnImages(model, batchSize, (pixels) =>
    scope(backend, () => {
      const { captures } = runBlocks(model, embed(model, pixels), { plan, capture: ['positions'] });
      return Object.fromEntries(captures.map(({ block, positions }) => [`block${block}`, positions!]));
    }),
  );
  try {
    const kept: number[][][] = [];
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'keptTokens()');
      const outputs = await program.run({ images: batch.images });
      for (const image of batch.ids.keys()) {
        kept.push(
          plan.map((_, block) => {
            const { shape, data } = outputs[`block${block}`]!;
            return Array.from(data.subarray(image * shape[1]!, (image + 1) * shape[1]!)).sort(
              (a, b) => a - b,
            );
          }),
        );
      }
      onProgress?.({ stage: 'draw', done: kept.length, total: images.count, unit: 'images' });
    }
    return kept;
  } finally {
    await program.dispose();
  }
}
