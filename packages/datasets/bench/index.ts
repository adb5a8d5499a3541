/** Decoding speed: `imageBatches` beside a bare sharp loop with as many images at once, in alternating rounds. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type ImageExample, imageBatches, openImageFolder, sampleExamples } from '../src/index.js';
import { compareRuns, findRealData } from '@patchslim/testing';
import { patternImage } from '../test/pattern-image.js';
import { deit } from '../test/preprocessing.js';

const images = 200;
const concurrency = Math.min(availableParallelism(), 4);

/** What people write without this package: another crop and another filter when enlarging, bytes, no normalisation. */
async function bareSharp(examples: readonly ImageExample[]): Promise<void> {
  const queue = examples.values();
  const work = async () => {
    for (const { source } of queue) {
      await sharp(source as string)
        .resize(deit.width, deit.height, { kernel: 'cubic' })
        .removeAlpha()
        .raw()
        .toBuffer();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

async function batches(examples: readonly ImageExample[]): Promise<void> {
  let count = 0;
  for await (const batch of imageBatches(examples, deit, { batchSize: 32, concurrency }))
    count += batch.ids.length;
  if (count !== examples.length) throw new Error(`${count} of ${examples.length} images`);
}

/** Real images where the machine has them, otherwise patterns of ImageNet's usual size, in `folder`. */
async function findExamples(folder: string): Promise<readonly ImageExample[]> {
  const data = findRealData();
  if (data !== undefined) {
    return sampleExamples((await openImageFolder(data.images)).examples, images, 0);
  }
  for (let seed = 0; seed < images; seed++) {
    const bytes = await patternImage({ width: 500, height: 375, seed })
      .blur(1)
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(folder, `${seed}.jpg`), bytes);
  }
  return (await openImageFolder(folder)).examples;
}

const folder = await mkdtemp(join(tmpdir(), 'patchslim-bench-'));
try {
  const examples = await findExamples(folder);
  await compareRuns(
    `${images} images, ${concurrency} at once`,
    [
      { name: 'bare sharp', run: () => bareSharp(examples) },
      { name: 'imageBatches', run: () => batches(examples) },
    ],
    7,
  );
} finally {
  await rm(folder, { recursive: true });
}
