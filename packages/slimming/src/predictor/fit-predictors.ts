/**
 * Fits predictors of importance for some blocks of a network (DPS-ViT, §4.4 of the paper). From the input of its
 * block, each predictor learns the logarithm of the impact score of every patch of every image. One streaming pass
 * over the images.
 */

import type { ImageSet } from '@patchslim/datasets';
import { impact, poolChannels } from '@patchslim/importance-estimators';
import {
  createRandom,
  PatchslimError,
  scope,
  shuffled,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
  range,
} from '@patchslim/tensor';
import {
  embed,
  losslessPlan,
  prefixTokens,
  runBlocks,
  tokenCount,
  type VitModel,
} from '@patchslim/vit-models';
import { compileOnImages, type BatchedProgram } from '../batched-program.js';
import { requireFinite } from '../require-finite.js';
import { requireImages } from '../require-images.js';
import { collectSums, type PredictorSums } from './predictor-sums.js';
import { solvePredictor, type FittedPredictor } from './solve-predictor.js';

export interface FitOptions extends LongCallOptions {
  /** Indices of the blocks; without the last one where the head reads the prefix tokens alone. */
  readonly blocks: readonly number[];
  /** Seed for drawing the held-out images, an eighth. */
  readonly seed: number;
  readonly batchSize: number;
}

/** Lower bound of a score, as a share of its image's mean: it avoids the logarithm of 0. */
const leastScore = 1e-6;

/** Largest number of features per token. */
const mostGroups = 48;

/** The largest divisor of `width` up to 48: the number of equal groups of channels. */
export function groupsOf(width: number): number {
  let groups = Math.min(mostGroups, width);
  while (width % groups !== 0) groups--;
  return groups;
}

/**
 * Fits one predictor per block, in the order of `blocks`. Memory does not grow with the number of images.
 * @throws INVALID_ARGUMENT for fewer than two images; DATA_INVALID when no image of a part can be used; NUMERICAL
 */
export async function fitPredictors(
  model: VitModel,
  images: ImageSet,
  options: FitOptions,
): Promise<FittedPredictor[]> {
  const { blocks, seed, signal, onProgress } = options;
  if (images.count < 2) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `fitPredictors(): expected at least 2 images (one is held out), got ${images.count} of '${images.name}'`,
    );
  }
  if (blocks.length === 0) return [];
  const order = shuffled(range(images.count), createRandom(seed));
  const heldBack = Math.max(1, Math.round(images.count / 8));
  const parts = [order.slice(heldBack), order.slice(0, heldBack)].map((part) => part.sort((a, b) => a - b));
  const program = await compileScores(model, options);
  try {
    let done = 0;
    const sums: PredictorSums[][] = [];
    for (const part of parts) {
      const read = (count: number) => {
        done += count;
        onProgress?.({ stage: 'score', done, total: images.count, unit: 'images' });
      };
      sums.push(await sumUp(model, images, part, program, blocks, read, signal));
    }
    const prefix = prefixTokens(model.config);
    return blocks.map((_, i) => solvePredictor(sums[0]![i]!, sums[1]![i]!, prefix));
  } finally {
    await program.dispose();
  }
}

/** Scores `[B, N]` and pooled features `[B, N, g]` of the blocks, from images. */
function compileScores(
  model: VitModel,
  { blocks, seed, batchSize }: FitOptions,
): Promise<BatchedProgram<'images', string>> {
  const { config, backend } = model;
  return compileOnImages(model, batchSize, (images) =>
    scope(backend, () => {
      const range = { plan: losslessPlan(config), capture: impact.needs };
      const { captures } = runBlocks(model, embed(model, images), range);
      const scores = impact.score(captures, { config, seed });
      return Object.fromEntries(
        blocks.flatMap((block) => [
          [`scores${block}`, scores[block]!],
          [`features${block}`, poolChannels(captures[block]!.input!, groupsOf(config.width))],
        ]),
      );
    }),
  );
}

async function sumUp(
  model: VitModel,
  images: ImageSet,
  order: readonly number[],
  program: BatchedProgram<'images', string>,
  blocks: readonly number[],
  read: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<PredictorSums[]> {
  const [tokens, prefix] = [tokenCount(model.config), prefixTokens(model.config)];
  const groups = groupsOf(model.config.width);
  const collectors = blocks.map(() => collectSums(tokens - prefix, groups));
  let done = 0;
  for await (const batch of images.batches(program.batchSize, { signal, order })) {
    throwIfAborted(signal, 'fitPredictors()');
    const outputs = await program.run({ images: batch.images });
    for (const [i, block] of blocks.entries()) {
      for (const image of batch.ids.keys()) {
        const features = patchesOf(outputs[`features${block}`]!, image, prefix);
        const scores = patchesOf(outputs[`scores${block}`]!, image, prefix);
        requireFinite(features, `features of block ${block + 1}`);
        requireFinite(scores, `scores of block ${block + 1}`);
        collectors[i]!.add(features, targetsOf(scores));
      }
    }
    done += batch.ids.length;
    read(batch.ids.length);
  }
  requireImages(done, `fitPredictors() on '${images.name}'`, images);
  return collectors.map((collector) => collector.sums());
}

/** The rows of one image in `[B, N, …]` after the prefix tokens. */
function patchesOf({ shape, data }: HostTensor, image: number, prefix: number): HostTensor['data'] {
  const [, tokens, width = 1] = shape as [number, number, number?];
  return data.subarray((image * tokens + prefix) * width, (image + 1) * tokens * width);
}

/** Logarithm of each score divided by the mean of its image. */
function targetsOf(scores: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(scores);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => (mean > 0 ? Math.log(Math.max(value / mean, leastScore)) : 0));
}
