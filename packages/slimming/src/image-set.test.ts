/** Image sets over real files. */

import { describe, expect, it } from 'vitest';
import { imageFiles, preprocessing, smallImages } from '../test/small-model.js';
import { imageSet, type ImageSet } from './image-set.js';

async function idsOf(images: ImageSet, batchSize: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of images.batches(batchSize)) ids.push(...batch.examples.map(({ id }) => id));
  return ids;
}

describe('imageSet', () => {
  it('gives every image in the same order, as often as asked and in any batches', async () => {
    const images = await smallImages(5);
    expect(images).toMatchObject({ name: 'noise', count: 5 });
    const ids = ['00.png', '01.png', '02.png', '03.png', '04.png'];
    expect(await idsOf(images, 2)).toEqual(ids);
    expect(await idsOf(images, 5)).toEqual(ids);
  });

  it('leaves out what cannot be decoded when told to', async () => {
    const skipped: string[] = [];
    const examples = await imageFiles(3, { corrupt: 1 });
    const images = imageSet('noise', examples, preprocessing, {
      corrupt: 'skip',
      onSkip: ({ id }) => skipped.push(id),
    });
    expect(await idsOf(images, 2)).toEqual(['00.png', '02.png']);
    expect(skipped).toEqual(['01.png']);
  });
});
