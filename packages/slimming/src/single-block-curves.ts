/**
 * The experiment of the paper's Fig. 7: one block alone is slimmed at several rates, without fine-tuning, and the
 * accuracy shows the quality of a score. Removed tokens bypass the block (`keys: 'all'`), so only the block's own
 * computation on them is missing.
 */

import type { Score } from '@patchslim/importance-estimators';
import { fillUp } from '@patchslim/slimming-schedules';
import { PatchslimError, range, throwIfAborted } from '@patchslim/tensor';
import {
  classify,
  headActivation,
  losslessPlan,
  requireClasses,
  prefixPositions,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { compileBatched } from './batched-program.js';
import { predict } from './evaluate.js';
import { argMax } from './predictions.js';
import { openJob, type Images, type JobOptions } from './job/job.js';
import { collectFeatures, type FeatureStore } from './feature-store.js';
import { scoreImages } from './score-images.js';

/** Options of `singleBlockCurves`. */
export interface CurveOptions extends Omit<JobOptions, 'resume' | 'onStep'> {
  /** Blocks to slim, one at a time, counted from 0. */
  readonly blocks: readonly number[];
  /** Shares of the patches that are removed, in (0, 1). */
  readonly rates: readonly number[];
  readonly scores: readonly Score[];
}

/** Accuracy with one block slimmed at one rate. */
export interface CurvePoint {
  readonly block: number;
  readonly score: string;
  readonly rate: number;
  readonly tokensKept: number;
  /** Percent, on the held-out images. */
  readonly top1: number;
}

/** The curves of all blocks, scores and rates. */
export interface SingleBlockCurves {
  readonly calibrationImages: number;
  readonly images: number;
  /** Percent. */
  readonly denseTop1: number;
  readonly points: readonly CurvePoint[];
}

/**
 * Computes scores on the calibration images, and measures the accuracy on the others, which need labels.
 * @throws INVALID_ARGUMENT for an encoder, or a model whose images may have several classes; DATA_INVALID when images have no labels, or
 *   none is left to measure on; errors of `slim`
 */
export async function singleBlockCurves(
  model: VitModel,
  images: Images,
  options: CurveOptions,
): Promise<SingleBlockCurves> {
  const { blocks, rates, scores, signal, onProgress } = options;
  const { config } = model;
  requireOneClass(config);
  const { job, unseen } = await openJob(model, images, options, true, []);
  const { batchSize } = job;
  const dense = await predict(model, unseen!, { batchSize, signal, onProgress });
  const { labels } = dense;
  if (!labels) throw new PatchslimError('DATA_INVALID', `singleBlockCurves(): ${unseen!.name} has no labels`);
  const features = await collectFeatures(model, unseen!, { batchSize, signal, onProgress, depths: blocks });
  try {
    const points: CurvePoint[] = [];
    const total = scores.length * blocks.length * rates.length;
    for (const score of scores) {
      const byBlock = await scoreImages(model, job.images!, { ...job, score });
      for (const block of blocks) {
        for (const rate of rates) {
          throwIfAborted(signal, 'singleBlockCurves()');
          const prefix = prefixPositions(config);
          const count = prefix.length + Math.round((1 - rate) * (tokenCount(config) - prefix.length));
          const keep = fillUp(prefix, byBlock[block]!, count);
          const classes = await classifyFrom(model, features, block, keep, batchSize);
          const top1 = (100 * classes.filter((c, i) => c === labels[i]).length) / classes.length;
          points.push({ block, score: score.name, rate, tokensKept: count, top1 });
          onProgress?.({ stage: 'curves', done: points.length, total, unit: 'runs' });
        }
      }
    }
    const correct = dense.classes.filter((c, i) => c === labels[i]).length;
    return {
      calibrationImages: job.images!.count,
      images: features.images,
      denseTop1: (100 * correct) / features.images,
      points,
    };
  } finally {
    await features.close();
  }
}

/** The curves show top-1. @throws INVALID_ARGUMENT */
function requireOneClass(config: VitConfig): void {
  requireClasses(config, 'singleBlockCurves()');
  if (headActivation(config) === 'softmax') return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `singleBlockCurves(): the curves show top-1, and the head of '${config.name}' has a sigmoid: it says yes or no to each class; use compare`,
    { model: config.name },
  );
}

/**
 * Classes of all stored images when `block` computes only the tokens `keep`, and the blocks after it compute
 * everything.
 */
async function classifyFrom(
  model: VitModel,
  features: FeatureStore,
  block: number,
  keep: readonly number[],
  batchSize: number,
): Promise<number[]> {
  const { config, backend } = model;
  const plan: BlockPlan[] = losslessPlan(config);
  plan[block] = { kind: 'keep', keep, keys: 'all' };
  const positions = range(tokenCount(config));
  const row = [tokenCount(config), config.width];
  const program = await compileBatched(backend, batchSize, { tokens: row }, ({ tokens }) => ({
    logits: classify(model, runBlocks(model, { tokens, positions }, { plan, from: block }).state),
  }));
  try {
    const classes: number[] = [];
    for await (const tokens of features.at(block).read(batchSize)) {
      const { data } = (await program.run({ tokens })).logits;
      for (let image = 0; image < data.length; image += config.classes) {
        classes.push(argMax(data.subarray(image, image + config.classes)));
      }
    }
    return classes;
  } finally {
    await program.dispose();
  }
}
