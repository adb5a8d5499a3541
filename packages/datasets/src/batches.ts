/** Batches of decoded images for long runs, decoded ahead while the model works on the batch before. */

import { type HostTensor, isPatchslimError, type LongCallOptions, PatchslimError } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';
import { decodeImage } from './decode.js';
import { checkPreprocessing } from './check-preprocessing.js';
import type { ImageExample } from './image-layout.js';
import { orderedMap } from './ordered-map.js';

/** The classes of each image: any number of class indices. */
export type LabelSets = readonly (readonly number[])[];

/** B images; B is `batchSize` in every batch but the last, which may be smaller. */
export interface ImageBatch {
  /** [B, 3, height, width] of the preprocessing, as `decodeImage` gives them. */
  readonly images: HostTensor<'float32'>;
  /** [B] class indices; absent when an example of the batch has no label. */
  readonly labels?: Int32Array;
  /** Class indices of each image, instead of `labels`, where an image may have several classes, or none. */
  readonly labelSets?: LabelSets;
  /** The names of the B images, in the order of `images`. */
  readonly ids: readonly string[];
}

/** Options of `imageBatches`. */
export interface ImageBatchOptions extends LongCallOptions {
  /** Images per batch. */
  readonly batchSize: number;
  /** Batches that are decoded ahead of the consumer, at least 1; they bound the memory. @default 2 */
  readonly prefetch?: number | undefined;
  /** Images decoded at the same time. @default 4: as many as Node's thread pool works on at once */
  readonly concurrency?: number | undefined;
  /** What a file does that cannot be decoded: end the run, or be left out. @default 'error' */
  readonly corrupt?: 'error' | 'skip' | undefined;
  /** Told, in order, of each example that `corrupt: 'skip'` leaves out. */
  readonly onSkip?: ((example: ImageExample, error: PatchslimError) => void) | undefined;
}

interface Decoded {
  readonly example: ImageExample;
  readonly image: Float32Array;
}

interface Skipped {
  readonly example: ImageExample;
  readonly error: PatchslimError;
}

/**
 * Decodes `examples` in order, in batches. Progress counts the examples that have been delivered or left out.
 *
 * Leaving the loop early (`break`, a throw, an abort) stops decoding.
 *
 * @throws `DATA_INVALID` naming a file that cannot be decoded, unless `corrupt` is 'skip'; `NOT_FOUND` and `IO_FAILED`
 * always; `INVALID_ARGUMENT`; `ABORTED`; `BACKEND_UNAVAILABLE` as `decodeImage`
 * @example
 * for await (const { images, labels } of imageBatches(folder.examples, model.preprocessing, { batchSize: 32 })) {
 *   const logits = await run(images);
 * }
 */
export async function* imageBatches(
  examples: readonly ImageExample[],
  preprocessing: Preprocessing,
  options: ImageBatchOptions,
): AsyncGenerator<ImageBatch, void, undefined> {
  const { batchSize, prefetch = 2, concurrency = 4, corrupt = 'error' } = options;
  const { onSkip, signal, onProgress } = options;
  checkCounts({ batchSize, prefetch, concurrency });
  checkPreprocessing(preprocessing);
  const total = examples.length;
  const decoded = orderedMap(examples, (example) => decodeExample(example, preprocessing, corrupt), {
    concurrency,
    ahead: prefetch * batchSize,
    where: 'imageBatches',
    signal,
  });
  let done = 0;
  let batch: Decoded[] = [];
  for await (const entry of decoded) {
    done++;
    if ('image' in entry) batch.push(entry);
    else onSkip?.(entry.example, entry.error);
    if (batch.length < batchSize && done < total) continue;
    onProgress?.({ stage: 'decode', done, total, unit: 'images' });
    if (batch.length > 0) yield toBatch(batch, preprocessing);
    batch = [];
  }
}

async function decodeExample(
  example: ImageExample,
  preprocessing: Preprocessing,
  corrupt: 'error' | 'skip',
): Promise<Decoded | Skipped> {
  try {
    return { example, image: await decodeImage(example.source, preprocessing) };
  } catch (error) {
    if (corrupt === 'skip' && isPatchslimError(error, 'DATA_INVALID')) return { example, error };
    throw error;
  }
}

function toBatch(decoded: readonly Decoded[], { height, width }: Preprocessing): ImageBatch {
  const size = 3 * height * width;
  const data = new Float32Array(decoded.length * size);
  decoded.forEach(({ image }, i) => data.set(image, i * size));
  const examples = decoded.map(({ example }) => example);
  const labels = examples.flatMap(({ label }) => label ?? []);
  const labelSets = examples.flatMap(({ labels }) => (labels ? [labels] : []));
  return {
    images: { shape: [decoded.length, 3, height, width], dtype: 'float32', data },
    ...(labels.length === examples.length && { labels: Int32Array.from(labels) }),
    ...(labelSets.length === examples.length && { labelSets }),
    ids: examples.map(({ id }) => id),
  };
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `imageBatches: ${name} must be a positive integer, got ${value}`,
      counts,
    );
  }
}
