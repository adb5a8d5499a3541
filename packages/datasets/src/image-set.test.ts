/** Image sets over real files, and over tensors in memory. */

import { float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { openImageFolder } from './image-folder.js';
import { imageSet, tensorSet, type ImageSet } from './image-set.js';

async function idsOf(images: ImageSet, batchSize: number, order?: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of images.batches(batchSize, { order })) ids.push(...batch.ids);
  return ids;
}

async function firstBatch(images: ImageSet, batchSize: number, order?: readonly number[]) {
  for await (const batch of images.batches(batchSize, { order })) return batch;
  throw new Error('no batch');
}

async function fiveFiles(files: Record<string, Uint8Array> = {}) {
  const names = ['0.jpg', '1.jpg', '2.jpg', '3.jpg', '4.jpg'];
  const whole = await Promise.all(names.map(async (name, i) => [name, await jpeg(i)] as const));
  return (await openImageFolder(await makeFolder({ ...Object.fromEntries(whole), ...files }))).examples;
}

describe('imageSet', () => {
  it('gives every image in the same order, as often as asked and in any batches', async () => {
    const images = imageSet('five', await fiveFiles(), small);
    expect(images).toMatchObject({ name: 'five', count: 5 });
    const ids = ['0.jpg', '1.jpg', '2.jpg', '3.jpg', '4.jpg'];
    expect(await idsOf(images, 2)).toEqual(ids);
    expect(await idsOf(images, 5)).toEqual(ids);
  });

  it('gives the images of an order, and refuses indices of none', async () => {
    const examples = await fiveFiles();
    const images = imageSet('five', examples, small);
    expect(await idsOf(images, 2, [3, 0, 3])).toEqual(['3.jpg', '0.jpg', '3.jpg']);
    expect(await idsOf(images, 2, [])).toEqual([]);
    const whole = await firstBatch(images, 5);
    const part = await firstBatch(images, 1, [2]);
    expect(part.images.data).toEqual(
      whole.images.data.subarray(2 * part.images.data.length, 3 * part.images.data.length),
    );
    expect(() => images.batches(2, { order: [5] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'imageSet: expected indices of 5 images (0 to 4), got 5 at place 0',
      }),
    );
  });

  it('leaves out what cannot be decoded when told to', async () => {
    const skipped: string[] = [];
    const examples = await fiveFiles({ '1.jpg': Uint8Array.of(1, 2, 3) });
    const images = imageSet('five', examples, small, {
      corrupt: 'skip',
      onSkip: ({ id }) => skipped.push(id),
    });
    expect(await idsOf(images, 2)).toEqual(['0.jpg', '2.jpg', '3.jpg', '4.jpg']);
    expect(skipped).toEqual(['1.jpg']);
  });
});

describe('tensorSet', () => {
  const images = float32(
    [5, 3, 2, 2],
    Array.from({ length: 60 }, (_, i) => i),
  );

  it('gives every image in order, in any batches, with its label', async () => {
    const set = tensorSet('memory', images, Int32Array.of(4, 3, 2, 1, 0));
    expect(set).toMatchObject({ name: 'memory', count: 5 });
    expect(await idsOf(set, 3)).toEqual(['0', '1', '2', '3', '4']);
    const batches = [];
    for await (const batch of set.batches(2)) batches.push(batch);
    expect(batches.map(({ images: { shape } }) => shape[0])).toEqual([2, 2, 1]);
    expect(batches.flatMap(({ images: { data } }) => [...data])).toEqual([...images.data]);
    expect(batches.flatMap(({ labels }) => [...labels!])).toEqual([4, 3, 2, 1, 0]);
  });

  it('gives the images of an order under the ids and with the labels they have', async () => {
    const set = tensorSet('memory', images, Int32Array.of(4, 3, 2, 1, 0));
    const batches = [];
    for await (const batch of set.batches(2, { order: [2, 3, 1, 1] })) batches.push(batch);
    expect(batches.map(({ ids }) => ids)).toEqual([
      ['2', '3'],
      ['1', '1'],
    ]);
    expect(batches.flatMap(({ labels }) => [...labels!])).toEqual([2, 1, 3, 3]);
    const row = (i: number) => [...images.data.subarray(i * 12, (i + 1) * 12)];
    expect(batches.flatMap(({ images: { data } }) => [...data])).toEqual([2, 3, 1, 1].flatMap(row));
    expect(batches.map(({ images: { shape } }) => shape)).toEqual([
      [2, 3, 2, 2],
      [2, 3, 2, 2],
    ]);
  });

  it.each([[[5]], [[-1]], [[0.5]]])('refuses the order %j', (order) => {
    expect(() => tensorSet('memory', images).batches(2, { order })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses a batch size of 0, and ends with ABORTED when the caller aborts', async () => {
    const set = tensorSet('memory', images);
    expect(() => set.batches(0)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    const pass = async () => {
      for await (const { ids } of set.batches(2, { signal: AbortSignal.abort() })) expect(ids).toEqual([]);
    };
    await expect(pass()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('has no labels where none are given, and refuses too few', async () => {
    for await (const batch of tensorSet('memory', images).batches(5))
      expect(batch).not.toHaveProperty('labels');
    expect(() => tensorSet('memory', images, Int32Array.of(1))).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    );
  });
});
