/** The same content has the same key, wherever it lies; other content has another. */

import { float32 } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';
import { cp, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { contentKeyOf } from './content-key.js';
import { openImageFiles } from './image-files.js';
import { openImageFolder } from './image-folder.js';
import { imageSet, tensorSet, type ImageSet } from './image-set.js';
import { pixelSet, type LabelledPixels } from './labelled-pixels.js';

const names = ['0.jpg', '1.jpg', '2.jpg'];

/** Three images, each in the folder of its class; others for another seed. */
async function val(seed = 0): Promise<string> {
  const files = await Promise.all(
    names.map(async (name, i) => [`c${i}/${name}`, await jpeg(seed + i)] as const),
  );
  return makeFolder(Object.fromEntries(files));
}

const keyOfFolder = async (dir: string, preprocessing = small): Promise<string> =>
  contentKeyOf(imageSet('val', (await openImageFolder(dir)).examples, preprocessing));

it('covers every field of the preprocessing', async () => {
  const source = await jpeg();
  const keyWith = (change: Partial<Preprocessing>) =>
    contentKeyOf(imageSet('one', [{ id: '0', source }], { ...small, ...change }));
  const keys = await Promise.all(
    [
      ...[{}, { height: 15 }, { width: 15 }, { interpolation: 'box' }, { crop: false }, { fill: [0, 0, 1] }],
      ...[
        { rounding: 'down' },
        { rescale: 1 },
        { mean: [0, 0, 0] },
        { std: [1, 1, 1] },
        { resize: { to: 'none' } },
      ],
      ...[
        { resize: { to: 'longest', size: 20 } },
        { resize: { to: 'shortest', size: 20, longest: 30 } },
        { resize: { to: 'exact', height: 20, width: 21 } },
        { resize: { to: 'exact', height: 21, width: 20 } },
      ],
    ].map((change) => keyWith(change as Partial<Preprocessing>)),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(await keyWith({ resize: { size: 20, to: 'shortest' } })).toBe(keys[0]);
});

describe('of a folder', () => {
  it('is the same again, and for a copy with the same times', async () => {
    const dir = await val();
    const copy = await mkdtemp(join(tmpdir(), 'patchslim-copy-'));
    onTestFinished(() => rm(copy, { recursive: true }));
    await cp(dir, copy, { recursive: true, preserveTimestamps: true });
    const time = new Date(1_700_000_000_000); // whole milliseconds: copying may round
    for (const place of [dir, copy]) {
      for (const [i, name] of names.entries()) await utimes(join(place, `c${i}`, name), time, time);
    }
    const key = await keyOfFolder(dir);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOfFolder(dir)).toBe(key);
    expect(await keyOfFolder(copy)).toBe(key);
  });

  it('is another for other images of the same names', async () => {
    expect(await keyOfFolder(await val(10))).not.toBe(await keyOfFolder(await val()));
  });

  it.each([
    ['an image was written anew', async (dir: string) => writeFile(join(dir, 'c1/1.jpg'), await jpeg(1))],
    [
      'an image has another size',
      async (dir: string) => {
        const path = join(dir, 'c1/1.jpg');
        await writeFile(path, await jpeg(7));
        await utimes(path, new Date(0), new Date(0));
      },
    ],
    [
      'a label is another',
      (dir: string) =>
        writeFile(join(dir, 'labels.csv'), 'file,class_index\nc0/0.jpg,0\nc1/1.jpg,1\nc2/2.jpg,0\n'),
    ],
    ['an image is missing', (dir: string) => rm(join(dir, 'c2'), { recursive: true })],
  ])('is another when %s', async (_, change) => {
    const dir = await val();
    await utimes(join(dir, 'c1/1.jpg'), new Date(0), new Date(0));
    const key = await keyOfFolder(dir);
    await change(dir);
    expect(await keyOfFolder(dir)).not.toBe(key);
  });

  it('is another in another order, for other preprocessing, and where broken files are left out', async () => {
    const { examples } = await openImageFolder(await val());
    const sets = [
      imageSet('val', examples, small),
      imageSet('val', [...examples].reverse(), small),
      imageSet('val', examples, { ...small, resize: { to: 'shortest', size: 21 } }),
      imageSet('val', examples, { ...small, std: [0.5, 0.5, 0.25] }),
      imageSet('val', examples, small, { corrupt: 'skip' }),
    ];
    const keys = await Promise.all(sets.map((set) => contentKeyOf(set)));
    expect(new Set(keys).size).toBe(sets.length);
    expect(await contentKeyOf(imageSet('other name', examples, small, { concurrency: 1 }))).toBe(keys[0]);
  });

  it('needs the files, and can be aborted', async () => {
    const dir = await val();
    const { examples } = await openImageFolder(dir);
    const images = imageSet('val', examples, small);
    await expect(contentKeyOf(images, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await rm(join(dir, 'c0'), { recursive: true });
    await expect(contentKeyOf(images)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('of chosen files looks at sizes and times', async () => {
  const keyOfFile = async (bytes: Uint8Array, lastModified: number): Promise<string> => {
    const { examples } = await openImageFiles([new File([new Uint8Array(bytes)], '0.jpg', { lastModified })]);
    return contentKeyOf(imageSet('files', examples, small));
  };
  const [one, longer] = [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)];
  const key = await keyOfFile(one, 5);
  expect(await keyOfFile(one, 5)).toBe(key);
  expect(await keyOfFile(one, 6)).not.toBe(key);
  expect(await keyOfFile(longer, 5)).not.toBe(key);
});

describe('of a set in memory', () => {
  const tensors = (values: number[], labels?: number[], ids?: string[]): ImageSet =>
    tensorSet('set', float32([2, 3, 1, 1], values), labels && Int32Array.from(labels), ids);
  const values = [1, 2, 3, 4, 5, 6];

  it('looks at pixels, labels and names', async () => {
    const key = await contentKeyOf(tensors(values, [0, 1]));
    expect(await contentKeyOf(tensors([...values], [0, 1]))).toBe(key);
    const others = [
      tensors([1, 2, 3, 4, 5, 7], [0, 1]),
      tensors(values, [1, 1]),
      tensors(values),
      tensors(values, [0, 1], ['a', 'b']),
    ];
    for (const other of others) expect(await contentKeyOf(other)).not.toBe(key);
  });

  it('looks at bytes, labels and preprocessing', async () => {
    const parts = { name: 'set', classNames: ['a', 'b'], channels: 1, size: 2 } as const;
    const preprocessing = { ...small, height: 2, width: 2 };
    const bytes = (pixels: number[], labels: number[], changes = {}): ImageSet => {
      const set: LabelledPixels = {
        ...parts,
        pixels: Uint8Array.from(pixels),
        labels: Uint8Array.from(labels),
      };
      return pixelSet(set, { ...preprocessing, ...changes });
    };
    const key = await contentKeyOf(bytes([1, 2, 3, 4], [0]));
    expect(await contentKeyOf(bytes([1, 2, 3, 4], [0]))).toBe(key);
    expect(await contentKeyOf(bytes([1, 2, 3, 5], [0]))).not.toBe(key);
    expect(await contentKeyOf(bytes([1, 2, 3, 4], [1]))).not.toBe(key);
    expect(await contentKeyOf(bytes([1, 2, 3, 4], [0], { mean: [0, 0, 0] }))).not.toBe(key);
  });

  it('decodes a set of another make', async () => {
    const made = (set: ImageSet): ImageSet => ({
      name: set.name,
      count: set.count,
      batches: (batchSize, some) => set.batches(batchSize, some),
    });
    const key = await contentKeyOf(made(tensors(values, [0, 1])));
    expect(await contentKeyOf(made(tensors(values, [0, 1])))).toBe(key);
    expect(await contentKeyOf(made(tensors([1, 2, 3, 4, 5, 7], [0, 1])))).not.toBe(key);
    expect(await contentKeyOf(made(tensors(values, [0, 0])))).not.toBe(key);
  });
});
