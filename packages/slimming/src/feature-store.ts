/**
 * The features of all calibration images at every depth, `Z_0 … Z_L`, on disk: 2 MB an image for DeiT-Ti. Top-down
 * search and slimmed attention read one depth at a time, so memory stays flat.
 */

import { embed, runBlocks, tokenCount, type VitModel } from '@patchslim/vit-models';
import {
  float32,
  PatchslimError,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import { compileBatched } from './batched-program.js';
import { requireImages, type ImageSet } from './image-set.js';

export interface FeatureStore {
  readonly images: number;
  /** Features behind `depth` blocks (0: the embedded tokens) of all images, in order: batches `[B, N, D]`. */
  read(depth: number, batchSize: number): AsyncIterable<HostTensor<'float32'>>;
  /** Deletes the files. */
  close(): Promise<void>;
}

export interface CollectOptions extends LongCallOptions {
  readonly batchSize: number;
  /** Depths to keep; all of them, 0 to L, when left out. */
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
  const files = await openSpill(config.depth + 1);
  try {
    const written = await writeFeatures(model, images, files, options);
    return {
      images: written,
      read: (depth, batchSize) =>
        files.batches(depth, written, batchSize, [tokenCount(config), config.width]),
      close: () => files.close(),
    };
  } catch (error) {
    await files.close();
    throw error;
  }
}

/** Returns the number of images. */
async function writeFeatures(
  model: VitModel,
  images: ImageSet,
  files: Spill,
  options: CollectOptions,
): Promise<number> {
  const { config, backend } = model;
  const { batchSize, signal, onProgress } = options;
  const everyDepth = Array.from({ length: config.depth + 1 }, (_, depth) => depth);
  const depths = [...new Set(options.depths ?? everyDepth)];
  const program = await compileBatched(
    backend,
    batchSize,
    { images: [3, config.imageSize, config.imageSize] },
    ({ images: pixels }) => {
      const { state, captures } = runBlocks(model, embed(model, pixels), { capture: ['input'] });
      const features = [...captures.map((capture) => capture.input!), state.tokens];
      return Object.fromEntries(depths.map((depth) => [`depth${depth}`, features[depth]!]));
    },
  );
  try {
    let done = 0;
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'collectFeatures()');
      const features = await program.run({ images: batch.images });
      for (const depth of depths) {
        await files.append(depth, features[`depth${depth}`]!.data as Float32Array);
      }
      done += batch.examples.length;
      onProgress?.({ stage: 'features', done, total: images.count, unit: 'images' });
    }
    requireImages(done, `collectFeatures() on '${images.name}'`);
    return done;
  } finally {
    await program.dispose();
  }
}

/** Temporary files of rows, one per depth. */
interface Spill {
  append(depth: number, data: Float32Array): Promise<void>;
  /** The first `images` rows, each of shape `row`. */
  batches(
    depth: number,
    images: number,
    batchSize: number,
    row: readonly [number, number],
  ): AsyncIterable<HostTensor<'float32'>>;
  close(): Promise<void>;
}

async function openSpill(depths: number): Promise<Spill> {
  const { mkdtemp, open, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const path = await import('node:path');
  const folder = await mkdtemp(path.join(tmpdir(), 'patchslim-')).catch((cause: unknown) =>
    failed('make a folder in', tmpdir(), cause),
  );
  const handles: Awaited<ReturnType<typeof open>>[] = [];
  const close = async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let depth = 0; depth < depths; depth++)
      handles.push(await open(path.join(folder, `${depth}.f32`), 'w+'));
  } catch (cause) {
    await close();
    failed('open files in', folder, cause);
  }
  return {
    async append(depth, data) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      await handles[depth]!.appendFile(bytes).catch((cause: unknown) => failed('write to', folder, cause));
    },
    async *batches(depth, images, batchSize, row) {
      const length = row[0] * row[1];
      for (let first = 0; first < images; first += batchSize) {
        const count = Math.min(batchSize, images - first);
        const data = new Float32Array(count * length);
        const { bytesRead } = await handles[depth]!.read(
          new Uint8Array(data.buffer),
          0,
          data.byteLength,
          first * length * 4,
        ).catch((cause: unknown) => failed('read from', folder, cause));
        if (bytesRead < data.byteLength) failed('read on from', folder, `${depth}.f32 ends early`);
        yield float32([count, ...row], data);
      }
    },
    close,
  };
}

function failed(action: string, folder: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new PatchslimError(
    'IO_FAILED',
    `collectFeatures(): cannot ${action} ${folder}: ${reason}`,
    { folder },
    cause,
  );
}
