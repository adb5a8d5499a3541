/** DeiT-Tiny on real images on one backend: top-1, scores and plan. */

import { imageSet, openImageFolder, sampleExamples, type ImageSet } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import type { Scores } from '@patchslim/slimming-schedules';
import type { Backend } from '@patchslim/tensor';
import type { RealData } from '@patchslim/testing';
import type { PlanBlock } from '@patchslim/token-reducers';
import { disposeModel, fromPretrained, placeModel, type Checkpoint } from '@patchslim/vit-models';
import { expect } from 'vitest';
import { evaluate, slim } from '../../src/index.js';
import { scoreImages } from '../../src/score-images.js';
import { expectSamePlan, largestDifference, scoreTolerance } from './compare.js';

const options = { seed: 0, batchSize: 4 };
const schedule = 'counts:197,197,160,153,121,101,83,63,50,25,20,1';

export interface RealResult {
  /** Percent. */
  readonly top1: number;
  readonly scores: readonly Scores[];
  readonly blocks: readonly PlanBlock[];
}

export interface RealInputs {
  readonly checkpoint: Checkpoint;
  /** To evaluate on. */
  readonly many: ImageSet;
  /** To calibrate on. */
  readonly few: ImageSet;
}

/** @param evaluated number of images to evaluate on */
export async function openRealInputs(data: RealData, evaluated: number): Promise<RealInputs> {
  const checkpoint = await fromPretrained(data.weights);
  const examples = sampleExamples((await openImageFolder(data.images)).examples, evaluated, 0);
  const setOf = (count: number) =>
    imageSet('imagenet_sample', examples.slice(0, count), checkpoint.preprocessing);
  return { checkpoint, many: setOf(evaluated), few: setOf(2) };
}

/** Closes the backend. */
export async function realResultOn(
  backend: Backend,
  { checkpoint, many, few }: RealInputs,
): Promise<RealResult> {
  const model = placeModel(backend, checkpoint);
  const { top1 } = await evaluate(model, many, { batchSize: 10 });
  const scores = await scoreImages(model, few, { ...options, score: findScore('impact') });
  const making = { ...options, method: 'patch-slimming', schedule, calibrate: few.count };
  const { plan } = await slim(model, few, making);
  const { blocks } = plan;
  disposeModel(model);
  await backend.close();
  return { top1: top1!, scores, blocks };
}

/** The same top-1; the same plan from scores that differ by rounding only. */
export function expectSameRealResult(got: RealResult, wanted: RealResult): void {
  expect(got.top1).toBe(wanted.top1);
  expectSamePlan(got.blocks, wanted.blocks, wanted.scores);
  for (const [block, scores] of wanted.scores.entries()) {
    const largest = Math.max(...Array.from(scores));
    expect(largestDifference(got.scores[block]!, scores) / largest).toBeLessThan(scoreTolerance);
  }
}
