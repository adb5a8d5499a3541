/** Small image files for the small model, and the backends for pipeline tests in Node. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder, type ImageExample, type ImageSet } from '@patchslim/datasets';
import { createRandom, type Backend } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { config, preprocessing } from './small-model.js';

/** The backends that the pipeline is tested on. */
export const backends = [
  ['reference', () => Promise.resolve(createReferenceBackend())],
  ['native', (): Promise<Backend> => createOnnxBackend({ threads: 1 })],
] as const;

export interface FolderOptions {
  /** Adds a label file: image `i` has label `i mod 7`. */
  readonly labelled?: boolean;
  /** Position of a file that is not an image. */
  readonly corrupt?: number;
}

/** `count` images of noise over a random colour, in a folder that is removed at the end of the test. */
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

/** `count` images, ready for the pipeline. */
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
