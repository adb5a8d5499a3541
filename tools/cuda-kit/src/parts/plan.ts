/** The plan of a trained network from the same images, here and on the CPU: kept tokens must be equal, scores nearly. */

import { findScore } from '@patchslim/importance-estimators';
import { slim } from '@patchslim/slimming';
import { runOnHost, withPrograms, type Backend, type HostTensor } from '@patchslim/tensor';
import {
  disposeModel,
  embed,
  losslessPlan,
  placeModel,
  runBlocks,
  tokenCount,
  type VitModel,
} from '@patchslim/vit-models';
import { fashionCheckpoint, fashionImages } from '../networks.js';
import { largestDifference } from './pipeline.js';

/**
 * Largest difference of a score, as a share of the largest score of its block. Sums in another order differ by about 1e-6; a wrong
 * kernel by far more.
 */
export const scoreTolerance = 1e-4;

/** A plan and the scores that it comes from, as plain JSON. */
export interface FoundPlan {
  /** Positions kept in each block. */
  readonly keep: readonly (readonly number[])[];
  /** Scores of the first images, summed: for each block one number per token. */
  readonly scores: readonly (readonly number[])[];
}

export async function findPlan(backend: Backend, images: number): Promise<FoundPlan> {
  const checkpoint = await fashionCheckpoint();
  const model = placeModel(backend, checkpoint);
  const set = await fashionImages(images, checkpoint);
  const { plan } = await slim(model, set, {
    method: 'patch-slimming',
    schedule: 'keep-ratio:0.7@3',
    calibrate: images,
    batchSize: 8,
    seed: 0,
  });
  const all = Array.from({ length: tokenCount(model.config) }, (_, position) => position);
  const keep = plan.blocks.map((block) => (block.kind === 'keep' ? block.keep : all));
  let pixels: HostTensor<'float32'> | undefined;
  for await (const batch of set.batches(Math.min(4, images))) pixels ??= batch.images;
  if (!pixels) throw new Error('the plan part needs at least one image');
  const scores = await scoresOf(model, pixels);
  disposeModel(model);
  return { keep, scores };
}

function scoresOf(model: VitModel, images: Parameters<typeof runOnHost>[2][string]): Promise<number[][]> {
  const { backend, config } = model;
  const score = findScore('impact');
  return withPrograms(async (own) => {
    const program = own(
      await backend.compile(
        ({ images }) => {
          const range = { plan: losslessPlan(config), capture: score.needs };
          const { captures } = runBlocks(model, embed(model, images), range);
          const all = score.score(captures, { config, seed: 0 }).slice(0, config.depth - 1);
          return Object.fromEntries(all.map((tensor, block) => [String(block), tensor]));
        },
        { images },
      ),
    );
    const outputs = await runOnHost(backend, program, { images });
    return Array.from({ length: config.depth - 1 }, (_, block) => [...outputs[String(block)]!.data]);
  });
}

export function comparePlans(got: FoundPlan, cpu: FoundPlan, images: number) {
  const differing = cpu.keep.map((kept, block) => {
    const here = got.keep[block] ?? [];
    return [...kept.filter((each) => !here.includes(each)), ...here.filter((each) => !kept.includes(each))];
  });
  const shares = cpu.scores.map((scores, block) => {
    const largest = Math.max(...scores.map(Math.abs));
    return largestDifference(got.scores[block]!, scores) / largest;
  });
  const scoreDifference = Math.max(...shares);
  const problems = [
    ...(differing.some((positions) => positions.length > 0) ? ['other tokens are kept than on the CPU'] : []),
    ...(scoreDifference < scoreTolerance ? [] : [`scores differ by ${scoreDifference} of the largest`]),
  ];
  return {
    model: 'fashion-vit',
    images,
    kept: cpu.keep.map(({ length }) => length),
    differing,
    scoreDifference,
    tolerance: scoreTolerance,
    problems,
  };
}
