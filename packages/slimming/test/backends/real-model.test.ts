/** DeiT-Tiny on real images: WebAssembly gives the same accuracy and plan as native code. */

import { createOnnxBackend, createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { imageSet, openImageFolder, sampleExamples, type ImageSet } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import type { Backend } from '@patchslim/tensor';
import { requireRealData } from '@patchslim/testing';
import { disposeModel, fromPretrained, placeModel, type Checkpoint } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { evaluate, slim } from '../../src/index.js';
import { scoreImages } from '../../src/score-images.js';
import { expectSamePlan, largestDifference, scoreTolerance } from './compare.js';
import { nightly } from '@patchslim/testing/by-day';

/** Images to evaluate on: WebAssembly takes a third of a second for each. */
const evaluated = nightly ? 50 : 8;

const options = { seed: 0, batchSize: 4 };
const schedule = 'counts:197,197,160,153,121,101,83,63,50,25,20,1';

interface Images {
  /** To evaluate on. */
  readonly many: ImageSet;
  /** To calibrate on. */
  readonly few: ImageSet;
}

async function resultOn(backend: Backend, checkpoint: Checkpoint, { many, few }: Images) {
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

it(
  'onnxruntime-web and tfjs reach the native top-1 with WebAssembly, and give the native plan',
  { timeout: 900_000 },
  async (context) => {
    const data = requireRealData(context);
    const checkpoint = await fromPretrained(data.weights);
    const examples = sampleExamples((await openImageFolder(data.images)).examples, evaluated, 0);
    const setOf = (count: number) =>
      imageSet('imagenet_sample', examples.slice(0, count), checkpoint.preprocessing);
    const images = { many: setOf(evaluated), few: setOf(2) };
    const native = await resultOn(await createOnnxBackend(), checkpoint, images);
    expect(native.top1).toBeGreaterThan(60);
    for (const open of [() => createOnnxWebBackend({ provider: 'wasm' }), createWasmBackend]) {
      const wasm = await resultOn(await open(), checkpoint, images);
      expect(wasm.top1).toBe(native.top1);
      expectSamePlan(wasm.blocks, native.blocks, native.scores);
      for (const [block, scores] of native.scores.entries()) {
        const largest = Math.max(...Array.from(scores));
        expect(largestDifference(wasm.scores[block]!, scores) / largest).toBeLessThan(scoreTolerance);
      }
    }
  },
);
