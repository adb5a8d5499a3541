/** A folder as a model sees it: decoded with its preprocessing, labels checked against its classes. */

import { vitConfig } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { contentKeyOf, decodeImage, folderSet, openImageFolder, type ImageSet } from './index.js';

const model = { config: { ...vitConfig('deit-tiny'), classes: 3 }, preprocessing: small };

/** Two images in folders of classes 0 and 1, and a file that is no image in class 2. */
const threeFiles = async () =>
  makeFolder({ 'a/1.jpg': await jpeg(1), 'b/2.jpg': await jpeg(2), 'c/3.jpg': 'no image' });

async function firstBatch(images: ImageSet) {
  for await (const batch of images.batches(8)) return batch;
  throw new Error('no batch');
}

describe('folderSet', () => {
  it('decodes as the model wants it, with labels, under the name of the folder', async () => {
    const folder = await openImageFolder(await threeFiles());
    const whole = { ...folder, examples: folder.examples.slice(0, 2) };
    const images = folderSet(whole, model);
    expect(images).toMatchObject({ name: folder.name, count: 2 });
    const { images: pixels, labels, ids } = await firstBatch(images);
    expect(pixels.shape).toEqual([2, 3, small.height, small.width]);
    expect(labels).toEqual(Int32Array.of(0, 1));
    expect(ids).toEqual(['a/1.jpg', 'b/2.jpg']);
    const second = await decodeImage(folder.examples[1]!.source, small);
    expect(pixels.data.subarray(second.length)).toEqual(second);
    const other = folderSet(whole, { ...model, preprocessing: { ...small, mean: [0, 0, 0] } });
    expect(await contentKeyOf(other)).not.toBe(await contentKeyOf(images));
  });

  it('leaves out what cannot be decoded when it is told to, and says so', async () => {
    const folder = await openImageFolder(await threeFiles());
    await expect(firstBatch(folderSet(folder, model))).rejects.toMatchObject({ code: 'DATA_INVALID' });
    const skipped: string[] = [];
    const images = folderSet(folder, model, { corrupt: 'skip', onSkip: ({ id }) => skipped.push(id) });
    expect((await firstBatch(images)).ids).toEqual(['a/1.jpg', 'b/2.jpg']);
    expect(skipped).toEqual(['c/3.jpg']);
    expect([...images.skipped!.keys()]).toEqual(['c/3.jpg']);
  });

  it('refuses a label that the model has no class for, before anything is decoded', async () => {
    const folder = await openImageFolder(await threeFiles());
    const small = { ...model, config: { ...model.config, classes: 2 } };
    expect(() => folderSet(folder, small)).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringContaining('3 class folders are not the 2 classes of the model') as string,
      }),
    );
  });
});
