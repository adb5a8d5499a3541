/** A tiny ViT with random weights in a file, and a folder of labelled images for it. */

import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, writeSafetensors, type VitConfig } from '@patchslim/vit-models';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';

/** 65 tokens, 3 blocks, 5 classes. */
export const tinyConfig: VitConfig = {
  name: 'custom',
  imageSize: 64,
  patchSize: 8,
  width: 64,
  depth: 3,
  heads: 1,
  mlpWidth: 64,
  classes: 5,
  layerNormEps: 1e-6,
};

/** A new folder that the end of the test removes. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeTinyModel(path: string, config = tinyConfig, seed = 1): Promise<string> {
  const random = createRandom(seed);
  const tensors = [...canonicalShapes(config)].map(([name, shape]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 0.4 * (random() - 0.5));
    return [name, float32(shape, values)] as const;
  });
  await writeSafetensors(path, new Map(tensors), { metadata: { num_attention_heads: String(config.heads) } });
  return path;
}

/** `count` names for one image of noise, labelled in turn with the classes of the tiny model. */
export async function writeTinyImages(folder: string, count: number, side = 80): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = imageNames(count);
  await writeFile(join(folder, names[0]!), await noisePng(2, side));
  for (const name of names.slice(1)) await link(join(folder, names[0]!), join(folder, name));
  await labelInTurn(folder, names);
  return folder;
}

/** As `writeTinyImages`, and each image is other noise: which of them are drawn changes a plan. */
export async function writeDifferentImages(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = imageNames(count);
  for (const [i, name] of names.entries()) await writeFile(join(folder, name), await noisePng(i, 64));
  await labelInTurn(folder, names);
  return folder;
}

const imageNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${String(i).padStart(4, '0')}.png`);

function noisePng(seed: number, side: number): Promise<Buffer> {
  const random = createRandom(seed);
  const pixels = Uint8Array.from({ length: side * side * 3 }, () => 256 * random());
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

const labelInTurn = (folder: string, names: readonly string[]): Promise<void> =>
  writeLabels(
    folder,
    names.map((name, i) => [name, i % tinyConfig.classes]),
  );

export async function writeLabels(
  folder: string,
  rows: readonly (readonly [file: string, label: number | string])[],
): Promise<void> {
  const lines = rows.map(([file, label]) => `${file},${label}`);
  await writeFile(join(folder, 'labels.csv'), `${['file,class_index', ...lines].join('\n')}\n`);
}
