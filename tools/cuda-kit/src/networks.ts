/** The networks and images of the kit. Everything is made here or in the repository: nothing is downloaded. */

import { fileURLToPath } from 'node:url';
import { imageSet, openImageFolder, sampleExamples, tensorSet, type ImageSet } from '@patchslim/datasets';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { slim } from '@patchslim/slimming';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { createRandom, float32, sizeOf, type Backend, type Shape } from '@patchslim/tensor';
import {
  createCheckpoint,
  deitPreprocessing,
  fromPretrained,
  initParams,
  mapParams,
  paramShapes,
  vitConfig,
  type Checkpoint,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';

/** 17 tokens, 4 blocks: every op of the pipeline, in milliseconds. */
export const smallConfig: VitConfig = {
  name: 'small',
  imageSize: 16,
  patchSize: 4,
  width: 16,
  depth: 4,
  heads: 2,
  mlpWidth: 32,
  classes: 7,
  layerNormEps: 1e-6,
};

/** Random weights, large enough that images get different classes. */
export function smallCheckpoint(): Promise<Checkpoint> {
  const random = createRandom(1);
  const params = mapParams(paramShapes(smallConfig), (shape) =>
    uniform(shape, random, shape.includes(3 * 4 * 4) ? 3 : 0.6),
  );
  return createCheckpoint({
    config: smallConfig,
    params,
    preprocessing: deitPreprocessing(smallConfig.imageSize),
    source: 'random',
  });
}

export const smallImages = (count: number): ImageSet =>
  tensorSet('noise', uniform([count, 3, smallConfig.imageSize, smallConfig.imageSize], createRandom(2), 2));

/** The trained Fashion-MNIST network of this repository, 197 tokens. */
export const fashionCheckpoint = (): Promise<Checkpoint> => fromPretrained(fileURLToPath(modelFolder));

/** Some of its test images, the same in every process. */
export async function fashionImages(count: number, { preprocessing }: Checkpoint): Promise<ImageSet> {
  const { examples } = await openImageFolder(fileURLToPath(imageFolder));
  return imageSet('fashion-vit', sampleExamples(examples, count, 0), preprocessing);
}

/** The smallest network that is timed, to try the kit: 65 tokens, 6 blocks. */
const tinyConfig: VitConfig = {
  ...smallConfig,
  name: 'tiny',
  imageSize: 32,
  width: 32,
  depth: 6,
  mlpWidth: 64,
};

/** The architecture that is timed, with random weights on a backend. */
export function timedModel(name: string, backend: Backend): VitModel {
  const config = name === tinyConfig.name ? tinyConfig : vitConfig(name);
  const params = mapParams(initParams(config, 0), (host) => backend.constant(host));
  return {
    backend,
    config,
    params,
    preprocessing: deitPreprocessing(config.imageSize),
    fingerprint: 'random',
  };
}

/** Plans to be timed, by name. Weights and images are random: which positions are kept does not change the time. */
export async function makeTimedPlans(
  model: VitModel,
): Promise<{ readonly name: string; readonly plan: SlimPlan }[]> {
  const kinds = [
    { kind: 'fixed', method: 'patch-slimming:score=uniform' },
    { kind: 'ward', method: 'ward' },
  ];
  const found = [];
  for (const { kind, method } of kinds) {
    for (const share of [0.7, 0.5]) {
      const schedule = `budget:${share}`;
      const options = { method, schedule, calibrate: 1, batchSize: 1, seed: 0 };
      const { plan } = await slim(model, noiseFor(model.config), options);
      found.push({ name: `${kind} ${share}`, plan });
    }
  }
  return found;
}

/** Decoded noise in the size of a network. */
export const noiseFor = ({ imageSize }: VitConfig): ImageSet =>
  tensorSet('noise', uniform([2, 3, imageSize, imageSize], createRandom(2), 2));

function uniform(shape: Shape, random: () => number, range: number) {
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => range * (2 * random() - 1)),
  );
}
