/** Scores of all blocks in one streaming pass over the images, with the attention of the dense network. */

import type { ImageSet } from '@patchslim/datasets';
import type { Score } from '@patchslim/importance-estimators';
import { scope, throwIfAborted, type LongCallOptions, type Tensor } from '@patchslim/tensor';
import {
  embed,
  losslessPlan,
  readsPatches,
  runBlocks,
  tokenCount,
  type VitModel,
} from '@patchslim/vit-models';
import { compileOnImages } from './batched-program.js';
import { requireFinite } from './require-finite.js';
import { requireImages } from './require-images.js';

/** Options of `scoreImages`. */
export interface ScoreOptions extends LongCallOptions {
  readonly score: Score;
  readonly seed: number;
  readonly batchSize: number;
}

/**
 * Mean score of each token in each block: arrays of `N`. The last block has none where it computes only the classifier's tokens. Forward pass and scoring are one program. Memory does not grow with the number of images.
 * @throws DATA_INVALID when no image can be used; errors of decoding
 */
export async function scoreImages(
  model: VitModel,
  images: ImageSet,
  options: ScoreOptions,
): Promise<Float64Array[]> {
  const { score, seed, batchSize, signal, onProgress } = options;
  const { config, backend } = model;
  const blocks = readsPatches(config) ? config.depth : config.depth - 1;
  const program = await compileOnImages(model, batchSize, (pixels) =>
    scope(backend, () => {
      const range = { plan: losslessPlan(config), capture: score.needs };
      const { captures } = runBlocks(model, embed(model, pixels), range);
      return blockOutputs(score.score(captures, { config, seed }).slice(0, blocks));
    }),
  );
  try {
    const totals = Array.from({ length: blocks }, () => new Float64Array(tokenCount(config)));
    let done = 0;
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'scoreImages()');
      const scores = await program.run({ images: batch.images });
      for (const [block, total] of totals.entries()) addRows(total, scores[`block${block}`]!.data);
      done += batch.ids.length;
      onProgress?.({ stage: 'score', done, total: images.count, unit: 'images' });
    }
    requireImages(done, `scoreImages() on '${images.name}'`, images);
    return totals.map((total, block) => meanScores(total, done, block));
  } finally {
    await program.dispose();
  }
}

/** @throws NUMERICAL for scores that are not finite: they have no order */
export function meanScores(total: Float64Array, images: number, block: number): Float64Array {
  requireFinite(total, `scores of block ${block + 1}`);
  return total.map((sum) => sum / images);
}

/** Adds each row of `[B, N]` to `total` `[N]`. */
export function addRows(total: Float64Array, rows: ArrayLike<number>): void {
  for (let i = 0; i < rows.length; i++) total[i % total.length]! += rows[i]!;
}

function blockOutputs(scores: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(scores.map((score, block) => [`block${block}`, score]));
}
