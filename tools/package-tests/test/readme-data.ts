/**
 * Small synthetic data for the READMEs' programs: a checkpoint on a hub (DeiT-Tiny for images of 48 pixels, with
 * random weights), and folders of labelled images and photos.
 */

import { createReadStream } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRandom, float32, range, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, vitPreset, withImageSize, writeSafetensors } from '@patchslim/vit-models';

/** A calibration set of 256, and a few more. */
const images = 264;
/** Enough to choose a method. */
const photos = 24;
const pixels = 56;

export interface ReadmeData {
  /** Environment variables that redirect downloads to this server. */
  readonly variables: Readonly<Record<string, string>>;
  /** Copies the image folders into a project. */
  addImages(project: string): Promise<void>;
  close(): Promise<void>;
}

export async function createReadmeData(folder: string): Promise<ReadmeData> {
  const [imageFolder, weights] = [join(folder, 'images'), join(folder, 'model.safetensors')];
  await mkdir(imageFolder, { recursive: true });
  await Promise.all([writeImages(imageFolder), writeWeights(weights)]);
  const repository = `/${vitPreset('deit-tiny').hubId}/resolve/main/`;
  const hub = createServer(({ url }, response) => {
    if (url === `${repository}model.safetensors`) createReadStream(weights).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => hub.listen(0, '127.0.0.1', done));
  const { port } = hub.address() as AddressInfo;
  return {
    variables: { HF_ENDPOINT: `http://127.0.0.1:${port}`, XDG_CACHE_HOME: join(folder, 'cache') },
    addImages: async (project) => {
      for (const name of ['images', 'imagenet/val']) {
        await cp(imageFolder, join(project, name), { recursive: true });
      }
      await mkdir(join(project, 'photos'));
      for (const name of range(photos).map((photo) => `${photo}.png`)) {
        await cp(join(imageFolder, name), join(project, 'photos', name));
      }
    },
    close: () => new Promise((done, fail) => hub.close((error) => (error ? fail(error) : done()))),
  };
}

/** Labelled noise. */
async function writeImages(folder: string): Promise<void> {
  const random = createRandom(1);
  const lines = ['file,class_index'];
  for (let image = 0; image < images; image++) {
    const noise = Uint8Array.from({ length: pixels * pixels * 3 }, () => random() * 256);
    const raw = { width: pixels, height: pixels, channels: 3 } as const;
    await sharp(noise, { raw })
      .png()
      .toFile(join(folder, `${image}.png`));
    lines.push(`${image}.png,${image % 1000}`);
  }
  await writeFile(join(folder, 'labels.csv'), lines.join('\n'));
}

async function writeWeights(path: string): Promise<void> {
  const random = createRandom(2);
  const shapes = canonicalShapes(withImageSize(vitPreset('deit-tiny').config, 48));
  const tensors = [...shapes].map(([name, shape]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => (random() - 0.5) / 10);
    return [name, float32(shape, values)] as const;
  });
  await writeSafetensors(path, new Map(tensors));
}
