/**
 * The features of all calibration images at every depth, `Z_0 … Z_L`: 2 MB per image for DeiT-Ti, so Node stores them
 * on disk. Top-down search and scores with slimmed deeper blocks read one depth at a time, so memory stays flat.
 */

import type { ImageSet } from '@patchslim/datasets';
import { embed, runBlocks, tokenCount, type VitModel } from '@patchslim/vit-models';
import {
  float32,
  range,
  sizeOf,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import { compileOnImages } from './batched-program.js';
import { openSpill, type Spill } from './spill/index.js';
import { requireImages } from './require-images.js';

/** Features of all images at one depth. */
export interface Features {
  /** All of them, in order: batches `[B, N, D]`. */
  read(batchSize: number): AsyncIterable<HostTensor<'float32'>>;
  /** Some images, by index: `[images.length, N, D]`. */
  pick(images: readonly number[]): Promise<HostTensor<'float32'>>;
}

/** Features between the blocks, on disk. */
export interface FeatureStore {
  readonly images: number;
  /** Features after `depth` blocks (0: the embedded tokens). */
  at(depth: number): Features;
  /** Deletes the features. */
  close(): Promise<void>;
}

export interface CollectOptions extends LongCallOptions {
  readonly batchSize: number;
  /** Depths to keep. Default: all, 0 to L. */
  readonly depths?: readonly number[] | undefined;
}

/**
 * Runs the dense network over the images once and stores the features between its blocks.
 * @throws IO_FAILED when the disk is full or the temporary folder cannot be used; DATA_INVALID when no image can be
 *   used; errors of decoding
 */
export async function collectFeatures(
  model: VitModel,
  images: ImageSet,
  options: CollectOptions,
): Promise<FeatureStore> {
  const { config } = model;
  const row = [tokenCount(config), config.width] as const;
  const spill = await openSpill(config.depth + 1, row[0] * row[1]);
  try {
    const written = await writeFeatures(model, images, spill, options);
    return {
      images: written,
      at: (depth) => featuresIn(spill, depth, written, row),
      close: () => spill.close(),
    };
  } catch (error) {
    await spill.close();
    throw error;
  }
}

/** @param row shape of the features of one image */
export function featuresIn(spill: Spill, depth: number, images: number, row: readonly number[]): Features {
  const size = sizeOf(row);
  return {
    async *read(batchSize) {
      for (let first = 0; first < images; first += batchSize) {
        const count = Math.min(batchSize, images - first);
        yield float32([count, ...row], await spill.read(depth, first, count));
      }
    },
    async pick(some) {
      const picked = new Float32Array(some.length * size);
      for (const [i, image] of some.entries()) picked.set(await spill.read(depth, image, 1), i * size);
      return float32([some.length, ...row], picked);
    },
  };
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
  const everyDepth = range(config.depth + 1);
  const depths = [...new Set(options.depths ?? everyDepth)];
  const program = await compileOnImages(model, batchSize, (pixels) => {
    const { state, captures } = runBlocks(model, embed(model, pixels), { capture: ['input'] });
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
    requireImages(done, `collectFeatures() on '${images.name}'`, images);
    return done;
  } finally {
    await program.dispose();
  }
}
