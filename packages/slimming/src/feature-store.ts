/**
 * The features of all calibration images before every block, `Z_0 … Z_{L−1}`: 2 MB an image for DeiT-Ti, so in Node they go to
 * disk. Top-down search and slimmed attention read one depth at a time, and memory stays flat.
 */

import type { ImageSet } from '@patchslim/datasets';
import { embed, runBlocks, tokenCount, type VitModel } from '@patchslim/vit-models';
import { float32, throwIfAborted, type HostTensor, type LongCallOptions, range } from '@patchslim/tensor';
import { compileOnImages } from './batched-program.js';
import { openSpill, type Spill } from './spill/index.js';
import { requireImages } from './require-images.js';

export interface FeatureStore {
  readonly images: number;
  /** Features before block `depth` (0: the embedded tokens) of all images, in order: batches `[B, N, D]`. */
  read(depth: number, batchSize: number): AsyncIterable<HostTensor<'float32'>>;
  /** Features of some images, by index: `[images.length, N, D]`. */
  pick(depth: number, images: readonly number[]): Promise<HostTensor<'float32'>>;
  /** Deletes them. */
  close(): Promise<void>;
}

export interface CollectOptions extends LongCallOptions {
  readonly batchSize: number;
  /** Depths to keep; all of them, 0 to L − 1, when left out. */
  readonly depths?: readonly number[] | undefined;
}

/**
 * Runs the dense network over the images once and keeps what flows between its blocks.
 * @throws IO_FAILED when the disk is full or the temporary folder cannot be used; DATA_INVALID when no image can be
 *   used, and what decoding throws
 */
export async function collectFeatures(
  model: VitModel,
  images: ImageSet,
  options: CollectOptions,
): Promise<FeatureStore> {
  const { config } = model;
  const row = [tokenCount(config), config.width] as const;
  const spill = await openSpill(config.depth, row[0] * row[1]);
  try {
    const written = await writeFeatures(model, images, spill, options);
    return {
      images: written,
      async *read(depth, batchSize) {
        for (let first = 0; first < written; first += batchSize) {
          const count = Math.min(batchSize, written - first);
          yield float32([count, ...row], await spill.read(depth, first, count));
        }
      },
      async pick(depth, images) {
        const picked = new Float32Array(images.length * row[0] * row[1]);
        for (const [i, image] of images.entries()) {
          picked.set(await spill.read(depth, image, 1), i * row[0] * row[1]);
        }
        return float32([images.length, ...row], picked);
      },
      close: () => spill.close(),
    };
  } catch (error) {
    await spill.close();
    throw error;
  }
}

/** Returns the number of images. */
async function writeFeatures(
  model: VitModel,
  images: ImageSet,
  spill: Spill,
  options: CollectOptions,
): Promise<number> {
  const { config } = model;
  const { batchSize, signal, onProgress } = options;
  const everyDepth = range(config.depth);
  const depths = [...new Set(options.depths ?? everyDepth)];
  const program = await compileOnImages(model, batchSize, (pixels) => {
    const upToLast = { to: config.depth - 1, capture: ['input'] } as const;
    const { state, captures } = runBlocks(model, embed(model, pixels), upToLast);
    const features = [...captures.map((capture) => capture.input!), state.tokens];
    return Object.fromEntries(depths.map((depth) => [`depth${depth}`, features[depth]!]));
  });
  try {
    let done = 0;
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'collectFeatures()');
      const features = await program.run({ images: batch.images });
      for (const depth of depths) {
        await spill.append(depth, features[`depth${depth}`]!.data as Float32Array);
      }
      done += batch.ids.length;
      onProgress?.({ stage: 'features', done, total: images.count, unit: 'images' });
    }
    requireImages(done, `collectFeatures() on '${images.name}'`);
    return done;
  } finally {
    await program.dispose();
  }
}
