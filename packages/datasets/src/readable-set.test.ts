/** The images that can be decoded: known beforehand, and decoded once. */

import { createRandom, float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { imageSet, openImageFolder, readableSet, tensorSet, type ImageSet } from './index.js';

/** Images `00.jpg` to `19.jpg`; some of the files are none. */
async function files(broken: readonly number[], corrupt: 'skip' | 'error' = 'skip', count = 20) {
  const written: Record<string, string | Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    written[`${String(i).padStart(2, '0')}.jpg`] = broken.includes(i) ? 'no image' : await jpeg(i);
  }
  const { examples } = await openImageFolder(await makeFolder(written));
  const skipped: string[] = [];
  const set = imageSet('photos', examples, small, { corrupt, onSkip: ({ id }) => skipped.push(id) });
  return { ...watch(set), skipped };
}

/** The same set, and the names of the images that were decoded, one for each time. */
function watch(set: ImageSet) {
  const reads: string[] = [];
  const images: ImageSet = {
    ...set,
    async *batches(...request) {
      for await (const batch of set.batches(...request)) {
        reads.push(...batch.ids);
        yield batch;
      }
    },
  };
  return { images, reads };
}

async function idsOf(images: ImageSet, order?: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of images.batches(7, { order })) ids.push(...batch.ids);
  return ids;
}

const named = (...indices: number[]) => indices.map((i) => `${String(i).padStart(2, '0')}.jpg`);
const readable = Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 3 && i !== 18);
/** One image more than fits. */
const tooFew = { mostBytes: 20 * 3 * small.width ** 2 * 4 - 1 };

describe('readableSet', () => {
  it('has the images that can be decoded, in their order, and decodes each once', async () => {
    const { images, reads, skipped } = await files([3, 18]);
    const set = await readableSet(images);
    expect([set.name, set.count, set.inMemory]).toEqual(['photos', 18, true]);
    expect(await idsOf(set)).toEqual(named(...readable));
    expect(await idsOf(set, [17, 0, 3])).toEqual(named(19, 0, 4));
    expect(reads).toEqual(named(...readable));
    expect(skipped).toEqual(named(3, 18));
  });

  it('has them as well where they do not fit in memory', async () => {
    const { images, reads } = await files([3, 18]);
    const set = await readableSet(images, tooFew);
    expect([set.name, set.count, set.inMemory ?? false]).toEqual(['photos', 18, false]);
    expect(new Set(reads)).toEqual(new Set(named(...readable)));
    expect(await idsOf(set)).toEqual(named(...readable));
    expect(await idsOf(set, [17, 0, 3])).toEqual(named(19, 0, 4));
  });

  it('is the set itself where all can be decoded and do not fit, or are in memory', async () => {
    const { images } = await files([]);
    expect(await readableSet(images, tooFew)).toBe(images);
    const random = createRandom(1);
    const pixels = float32([3, 3, 2, 2], Float32Array.from({ length: 36 }, random));
    const { images: inMemory, reads } = watch(tensorSet('noise', pixels));
    expect(await readableSet(inMemory)).toBe(inMemory);
    expect(reads).toEqual([]);
  });

  it('is refused where a file may not be left out', async () => {
    for (const options of [{}, tooFew]) {
      const { images } = await files([18], 'error');
      await expect(readableSet(images, options)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        message: expect.stringContaining('18.jpg') as string,
      });
    }
  });

  it('says which files were left out where none is left', async () => {
    const { images } = await files([0, 1, 2, 3, 4], 'skip', 5);
    await expect(readableSet(images)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(
        /expected images that can be decoded in 'photos', got none of 5; left out: '00.jpg': .*; and 2 more/,
      ) as string,
    });
  });

  it('can be aborted', async () => {
    const { images } = await files([]);
    const signal = AbortSignal.abort();
    await expect(readableSet(images, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(readableSet(images, { ...tooFew, signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
