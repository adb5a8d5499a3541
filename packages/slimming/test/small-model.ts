/** A small model with random weights, and decoded images for it. Also loads in a browser. */

import { tensorSet, type ImageSet } from '@patchslim/datasets';
import { createRandom, float32, sizeOf, type Backend, type HostTensor, type Shape } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  canonicalShapes,
  fingerprint,
  placeModel,
  type Checkpoint,
  deitPreprocessing,
  type Preprocessing,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';

/** 17 tokens, 4 blocks. */
export const config: VitConfig = {
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

export const preprocessing: Preprocessing = {
  ...deitPreprocessing(16),
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};

/** The weights, optionally with fewer blocks or another seed. */
export const smallCheckpoint = (depth = config.depth, seed?: number): Promise<Checkpoint> =>
  checkpointFor({ ...config, depth }, seed);

/** Weights of any architecture. */
export async function checkpointFor(chosen: VitConfig, seed = 1): Promise<Checkpoint> {
  const random = createRandom(seed);
  const tensors = new Map(
    // Large for the pixel embedding, so that images get different classes.
    [...canonicalShapes(chosen)].map(([name, shape]) => [
      name,
      uniform(shape, random, name.startsWith('patch_embed') ? 3 : 0.6),
    ]),
  );
  const hash = await fingerprint(chosen, tensors);
  return { config: chosen, preprocessing, tensors, fingerprint: hash, source: 'random', ignored: [] };
}

/** The same weights on any backend. */
export async function smallModel(
  backend: Backend = createReferenceBackend(),
  depth?: number,
  seed?: number,
): Promise<VitModel> {
  return placeModel(backend, await smallCheckpoint(depth, seed));
}

/** `count` images of noise, labelled `i mod 7`. The seed decides the noise. */
export const smallTensors = (count: number, seed?: number): ImageSet => imagesFor(config, count, seed);

/** The same for any architecture, labelled `i mod classes`. */
export function imagesFor({ imageSize, classes }: VitConfig, count: number, seed = 2): ImageSet {
  const images = uniform([count, 3, imageSize, imageSize], createRandom(seed), 2);
  return tensorSet(
    'noise',
    images,
    Int32Array.from({ length: count }, (_, i) => i % classes),
  );
}

/** Values from `-range` to `range`. */
function uniform(shape: Shape, random: () => number, range: number): HostTensor<'float32'> {
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => range * (2 * random() - 1)),
  );
}
