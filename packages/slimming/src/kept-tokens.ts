/** The rows that a plan computes for given images. Plans that choose tokens per image must run to know them. */

import type { ImageSet } from '@patchslim/datasets';
import { scope, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { embed, runBlocks, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages } from './batched-program.js';
import { computedRows, sourcesByBlock, type ComputedRows } from './computed-rows.js';

/** Options of `keptTokens`. */
export interface KeptTokensOptions extends LongCallOptions {
  readonly plan: readonly BlockPlan[];
  readonly batchSize: number;
}

/**
 * The rows that each block computes for each image, `[image][block]`.
 * @throws PLAN_INVALID, ABORTED; errors of decoding
 * @example
 * const [first] = await keptTokens(model, images, { plan: blocksFor(plan, model), batchSize: 1 });
 * first[3]; // block 4 computes [[0], [1, 2, 16], [5], …]: the mean of three patches, and others alone
 */
export async function keptTokens(
  model: VitModel,
  images: ImageSet,
  { plan, batchSize, signal, onProgress }: KeptTokensOptions,
): Promise<ComputedRows[][]> {
  const { backend } = model;
  const program = await compileOnImages(model, batchSize, (pixels) =>
    scope(backend, () => {
      return sourcesByBlock(runBlocks(model, embed(model, pixels), { plan, capture: ['sources'] }).captures);
    }),
  );
  try {
    const kept: ComputedRows[][] = [];
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'keptTokens()');
      const outputs = await program.run({ images: batch.images });
      for (const image of batch.ids.keys()) {
        kept.push(computedRows(outputs, plan.length, image));
      }
      onProgress?.({ stage: 'draw', done: kept.length, total: images.count, unit: 'images' });
    }
    return kept;
  } finally {
    await program.dispose();
  }
}
