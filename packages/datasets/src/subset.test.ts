/** Some images of a set are those images, in the order that was asked for, and have a key of their own. */

import { createRandom, float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import {
  contentKeyOf,
  imageSet,
  openImageFolder,
  subset,
  tensorSet,
  type ImageBatch,
  type ImageSet,
} from './index.js';

const random = createRandom(5);
const pixels = float32([9, 3, 2, 2], Float32Array.from({ length: 9 * 12 }, random));
const labels = Int32Array.from({ length: 9 }, (_, i) => i % 4);
const whole = tensorSet('noise', pixels, labels);

/** The same images without a key, or anything else that can be left out. */
const bare: ImageSet = { name: 'noise', count: 9, batches: (...request) => whole.batches(...request) };

async function files(): Promise<ImageSet> {
  const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];
  const written = await Promise.all(names.map(async (name, i) => [name, await jpeg(i)] as const));
  const { examples } = await openImageFolder(await makeFolder(Object.fromEntries(written)));
  return imageSet('files', examples, small);
}

async function all(set: ImageSet, batchSize = 10, order?: readonly number[]): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  for await (const batch of set.batches(batchSize, { order })) batches.push(batch);
  return batches;
}
const idsOf = async (set: ImageSet, order?: readonly number[]) =>
  (await all(set, 2, order)).flatMap(({ ids }) => ids);

describe.each([
  ['in memory', () => Promise.resolve(whole), ['7', '0', '3']],
  ['without a key', () => Promise.resolve(bare), ['7', '0', '3']],
] as const)('subset of a set %s', (_, open, ids) => {
  it('has the images in its own order, with their labels, in any batches', async () => {
    const set = await open();
    const some = subset(set, [7, 0, 3]);
    expect([some.name, some.count, some.inMemory]).toEqual(['noise', 3, set.inMemory]);
    expect(await all(some)).toEqual(await all(whole, 10, [7, 0, 3]));
    expect(await all(some, 2)).toEqual(await all(whole, 2, [7, 0, 3]));
    expect((await all(some))[0]!.labels).toEqual(Int32Array.of(3, 0, 3));
    expect(await idsOf(some)).toEqual(ids);
  });

  it('gives an order of its images, and refuses indices of none', async () => {
    const some = subset(await open(), [7, 0, 3]);
    expect(await idsOf(some, [2, 2, 0])).toEqual(['3', '3', '7']);
    expect(() => some.batches(2, { order: [3] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'subset: expected indices of 3 images (0 to 2), got 3 at place 0',
      }),
    );
  });

  it('can be divided again, and be empty', async () => {
    const set = await open();
    expect(await idsOf(subset(subset(set, [7, 0, 3, 5]), [3, 1]))).toEqual(['5', '0']);
    expect(subset(set, []).count).toBe(0);
    expect(await idsOf(subset(set, []))).toEqual([]);
  });

  it.each([[[0, 9]], [[-1]], [[0.5]]])('refuses the indices %j', async (indices) => {
    const set = await open();
    expect(() => subset(set, indices)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('has the key of its images and their order', async () => {
    const keyOf = async (indices: readonly number[], of?: ImageSet) =>
      contentKeyOf(subset(of ?? (await open()), indices));
    const key = await keyOf([7, 0, 3]);
    expect(await keyOf([7, 0, 3])).toBe(key);
    for (const others of [[0, 7, 3], [7, 0], [7, 0, 4], []]) expect(await keyOf(others)).not.toBe(key);
    const otherLabels = tensorSet('noise', pixels, labels.map((label) => label + 1)); // prettier-ignore
    expect(await keyOf([7, 0, 3], otherLabels)).not.toBe(key);
  });
});

describe('subset of files', () => {
  it('is the set of these files: same images, same key', async () => {
    const set = await files();
    const some = subset(set, [3, 1]);
    expect([some.name, some.count]).toEqual(['files', 2]);
    expect(await idsOf(some)).toEqual(['d.jpg', 'b.jpg']);
    expect(await all(some)).toEqual(await all(set, 10, [3, 1]));
    const key = await contentKeyOf(some);
    expect(await contentKeyOf(subset(subset(set, [0, 1, 3]), [2, 1]))).toBe(key);
    expect(await contentKeyOf(subset(set, [1, 3]))).not.toBe(key);
    expect(() => subset(set, [4])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
