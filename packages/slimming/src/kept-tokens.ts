/** What a plan makes of given images: for plans that choose the tokens of each image, only a run can tell. */

import type { ImageSet } from '@patchslim/datasets';
import { range, scope, throwIfAborted, type HostTensor, type LongCallOptions } from '@patchslim/tensor';
import { embed, runBlocks, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages } from './batched-program.js';

/** Options of `keptTokens`. */
export interface KeptTokensOptions extends LongCallOptions {
  readonly plan: readonly BlockPlan[];
  readonly batchSize: number;
}

/** The rows that a block computes: the positions of the tokens in each, ascending. Rows by their first position. */
export type KeptRows = readonly (readonly number[])[];

/**
 * The rows that each block computes of each image, `[image][block]`.
 * @throws PLAN_INVALID, ABORTED, and what decoding throws
 * @example
 * const [first] = await keptTokens(model, images, { plan: plan.blocks, batchSize: 1 });
 * first[3]; // block 4 computes [[0], [1, 2, 16], [5], …]: of three patches their mean, of others each alone
 */
export async function keptTokens(
  model: VitModel,
  images: ImageSet,
  { plan, batchSize, signal, onProgress }: KeptTokensOptions,
): Promise<KeptRows[][]> {
  const { backend } = model;
  const program = await compileOnImages(model, batchSize, (pixels) =>
    scope(backend, () => {
      const { captures } = runBlocks(model, embed(model, pixels), { plan, capture: ['sources'] });
      return Object.fromEntries(captures.map(({ block, sources }) => [`block${block}`, sources!]));
    }),
  );
  try {
    const kept: KeptRows[][] = [];
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'keptTokens()');
      const outputs = await program.run({ images: batch.images });
      for (const image of batch.ids.keys()) {
        kept.push(plan.map((_, block) => rowsOf(outputs[`block${block}`]!, image)));
      }
      onProgress?.({ stage: 'draw', done: kept.length, total: images.count, unit: 'images' });
    }
    return kept;
  } finally {
    await program.dispose();
  }
}

/** @param sources `[B, n, N]` */
function rowsOf({ shape, data }: HostTensor, image: number): KeptRows {
  const [, rows, tokens] = shape as [number, number, number];
  return range(rows)
    .map((row) => range(tokens).filter((token) => data[(image * rows + row) * tokens + token] !== 0))
    .sort((a, b) => a[0]! - b[0]!);
}
