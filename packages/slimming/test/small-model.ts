/** A small model with random weights, and small image files for it. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { openImageFolder, type ImageExample } from '@patchslim/datasets';
import { createRandom, float32, sizeOf, type Backend } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  canonicalShapes,
  fingerprint,
  placeModel,
  type Checkpoint,
  type Preprocessing,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { imageSet, type ImageSet } from '../src/index.js';

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
  distilled: false,
  layerNormEps: 1e-6,
};

export const preprocessing: Preprocessing = {
  resize: 18,
  crop: 16,
  interpolation: 'bicubic',
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};

/** The backends that the pipeline is tested on. */
export const backends = [
  ['reference', () => Promise.resolve(createReferenceBackend())],
  ['native', (): Promise<Backend> => createOnnxBackend({ threads: 1 })],
] as const;

/** The same weights on any backend. */
export async function smallModel(backend: Backend = createReferenceBackend()): Promise<VitModel> {
  const random = createRandom(1);
  const tensors: Checkpoint['tensors'] = new Map(
    [...canonicalShapes(config)].map(([name, shape]) => {
      // Large where pixels come in, so that images differ in their classes.
      const range = name.startsWith('patch_embed') ? 6 : 1.2;
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => range * (random() - 0.5)),
        ),
      ];
    }),
  );
  const hash = await fingerprint(config, tensors);
  return placeModel(backend, {
    config,
    preprocessing,
    tensors,
    fingerprint: hash,
    source: 'random',
    ignored: [],
  });
}

export interface FolderOptions {
  /** Adds a label file: image `i` has label `i mod 7`. */
  readonly labelled?: boolean;
  /** Position of a file that is no image. */
  readonly corrupt?: number;
}

/** `count` images of noise over a colour of their own, in a folder that the end of the test removes. */
export async function imageFiles(
  count: number,
  { labelled = false, corrupt }: FolderOptions = {},
): Promise<readonly ImageExample[]> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-images-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const names = Array.from({ length: count }, (_, i) => `${String(i).padStart(2, '0')}.png`);
  for (const [i, name] of names.entries()) {
    await writeFile(join(folder, name), i === corrupt ? 'no image' : await noise(i));
  }
  if (labelled) {
    const rows = names.map((name, i) => `${name},${i % config.classes}`);
    await writeFile(join(folder, 'labels.csv'), ['file,class_index', ...rows].join('\n'));
  }
  return (await openImageFolder(folder)).examples;
}

/** `count` images as the pipeline takes them. */
export async function smallImages(count: number, options?: FolderOptions): Promise<ImageSet> {
  return imageSet('noise', await imageFiles(count, options), preprocessing);
}

function noise(seed: number): Promise<Uint8Array> {
  const [width, height] = [24, 20];
  const random = createRandom(seed);
  const colour = [random(), random(), random()];
  const bytes = Uint8Array.from({ length: width * height * 3 }, (_, i) => 127 * (random() + colour[i % 3]!));
  return sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
