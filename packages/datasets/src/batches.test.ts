/** Streams of batches over real files. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { type ImageBatch, type ImageBatchOptions, imageBatches } from './batches.js';
import { decodeImage } from './decode.js';
import { openImageFolder } from './image-folder.js';
import type { ImageExample } from './image-layout.js';

/** `count` images, of which those at the positions `corrupt` are cut short. */
async function makeImages(count: number, corrupt: readonly number[] = []): Promise<readonly ImageExample[]> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    const bytes = await jpeg(i);
    files[`${String(i).padStart(3, '0')}.jpg`] = corrupt.includes(i)
      ? bytes.subarray(0, bytes.length / 2)
      : bytes;
  }
  return (await openImageFolder(await makeFolder(files))).examples;
}

const idsOf = (examples: readonly ImageExample[]): string[] => examples.map(({ id }) => id);

async function collect(examples: readonly ImageExample[], options: ImageBatchOptions): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  for await (const batch of imageBatches(examples, small, options)) batches.push(batch);
  return batches;
}

it('gives every image once, in order, in full batches but the last', async () => {
  const examples = await makeImages(10);
  const batches = await collect(examples, { batchSize: 4 });
  expect(batches.map(({ images }) => images.shape)).toEqual([
    [4, 3, 16, 16],
    [4, 3, 16, 16],
    [2, 3, 16, 16],
  ]);
  expect(batches.flatMap(({ ids }) => ids)).toEqual(idsOf(examples));
  const size = 3 * 16 * 16;
  const sourceOf = new Map(examples.map(({ id, source }) => [id, source]));
  for (const { images, ids } of batches) {
    for (const [i, id] of ids.entries()) {
      expect(images.data.slice(i * size, (i + 1) * size)).toEqual(
        await decodeImage(sourceOf.get(id)!, small),
      );
    }
  }
});

it('gives labels when the examples of a batch have them', async () => {
  const [a, b, c, d] = await makeImages(4);
  const labelled = [{ ...a!, label: 3 }, { ...b!, label: 0 }, { ...c!, label: 9 }, d!];
  const [first, second] = await collect(labelled, { batchSize: 2 });
  expect(first!.labels).toEqual(Int32Array.of(3, 0));
  expect(second).not.toHaveProperty('labels');
});

it('gives nothing for nothing', async () => {
  expect(await collect([], { batchSize: 4 })).toEqual([]);
});

it('reports progress that rises to the number of examples', async () => {
  const events: ProgressEvent[] = [];
  await collect(await makeImages(5), { batchSize: 2, onProgress: (event) => events.push(event) });
  expect(events).toEqual([2, 4, 5].map((done) => ({ stage: 'decode', done, total: 5, unit: 'images' })));
});

describe('a corrupt file', () => {
  it('ends the run after the batches before it, with its name', async () => {
    const examples = await makeImages(8, [5]);
    const batches: ImageBatch[] = [];
    const run = async () => {
      for await (const batch of imageBatches(examples, small, { batchSize: 2 })) batches.push(batch);
    };
    await expect(run()).rejects.toMatchObject({
      code: 'DATA_INVALID',
      details: { path: examples[5]!.source },
    });
    expect(batches.flatMap(({ ids }) => ids)).toEqual(idsOf(examples.slice(0, 4)));
  });

  it('is left out and reported on request; the batches are filled from behind it', async () => {
    const examples = await makeImages(9, [0, 4, 8]);
    const skipped: [ImageExample, string][] = [];
    const events: ProgressEvent[] = [];
    const batches = await collect(examples, {
      batchSize: 3,
      corrupt: 'skip',
      onSkip: (example, error) => skipped.push([example, error.code]),
      onProgress: (event) => events.push(event),
    });
    const whole = examples.filter((_, i) => ![0, 4, 8].includes(i));
    expect(batches.map(({ images }) => images.shape[0])).toEqual([3, 3]);
    expect(batches.flatMap(({ ids }) => ids)).toEqual(idsOf(whole));
    expect(skipped).toEqual([0, 4, 8].map((i) => [examples[i], 'DATA_INVALID']));
    expect(events.at(-1)).toMatchObject({ done: 9, total: 9 });
  });

  it('may be every file', async () => {
    expect(await collect(await makeImages(3, [0, 1, 2]), { batchSize: 2, corrupt: 'skip' })).toEqual([]);
  });

  it('is not a missing file, which always ends the run', async () => {
    const [example] = await makeImages(1);
    const missing = { ...example!, source: join(example!.source as string, '..', 'no.jpg') };
    await expect(collect([missing], { batchSize: 1, corrupt: 'skip' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('leaving early', () => {
  /** Rejections that nobody handled while `run` ran, and shortly after. */
  async function unhandledDuring(run: () => Promise<unknown>): Promise<unknown[]> {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      await run();
      await sleep(50);
    } finally {
      process.off('unhandledRejection', listen);
    }
    return unhandled;
  }

  it('by break or throw starts no more decoding and leaves no rejection behind', async () => {
    const examples = await makeImages(40, [4, 5, 6, 7]);
    const skipped: ImageExample[] = [];
    const options: ImageBatchOptions = {
      batchSize: 2,
      corrupt: 'skip',
      onSkip: (example) => skipped.push(example),
    };
    const unhandled = await unhandledDuring(async () => {
      for await (const batch of imageBatches(examples, small, { batchSize: 2 })) {
        expect(batch.ids).toHaveLength(2);
        break;
      }
      const thrower = async () => {
        for await (const { images } of imageBatches(examples.slice(4), small, options))
          throw new Error(`at ${images.shape[0]}`);
      };
      await expect(thrower()).rejects.toThrow('at 2');
    });
    expect(unhandled).toEqual([]);
    expect(skipped).toHaveLength(4);
  });

  it('by an abort throws ABORTED', async () => {
    const examples = await makeImages(20);
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const { ids } of imageBatches(examples, small, {
        batchSize: 2,
        signal: controller.signal,
      })) {
        seen.push(ids.length);
        controller.abort();
      }
    };
    expect(await unhandledDuring(() => expect(run()).rejects.toMatchObject({ code: 'ABORTED' }))).toEqual([]);
    expect(seen).toEqual([2]);
    const before = collect(examples, { batchSize: 2, signal: AbortSignal.abort() });
    await expect(before).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

it('decodes ahead while the consumer works, no further than prefetch', async () => {
  const examples = await makeImages(20);
  const batches = imageBatches(examples, small, { batchSize: 4, prefetch: 2 });
  await batches.next();
  await sleep(300);
  // Only what was decoded before the files went can still be delivered.
  await Promise.all(examples.map(({ source }) => rm(source as string)));
  for (const first of [4, 8]) {
    const { value } = await batches.next();
    expect(value).toMatchObject({ ids: idsOf(examples.slice(first, first + 4)) });
  }
  await expect(batches.next()).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { path: examples[12]!.source },
  });
});

it.each([
  { batchSize: 0 },
  { batchSize: 1.5 },
  { batchSize: 1, prefetch: 0 },
  { batchSize: 1, concurrency: -1 },
])('refuses %j', async (options) => {
  await expect(collect([], options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
