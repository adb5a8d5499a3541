/** Sets decoded once: the same images, in any order, without those that were left out. */

import { createRandom, float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { decodedSet, tensorSet, type ImageBatch, type ImageSet } from './index.js';

const random = createRandom(3);
const pixels = float32([37, 3, 2, 2], Float32Array.from({ length: 37 * 12 }, random));
const labels = Int32Array.from({ length: 37 }, (_, i) => i % 5);
const ids = Array.from({ length: 37 }, (_, i) => `image-${i}`);

/** A set that counts how often it is gone through. */
function counted(set: ImageSet): ImageSet & { passes: number } {
  return {
    ...{ name: set.name, count: set.count },
    passes: 0,
    batches(...args) {
      this.passes++;
      return set.batches(...args);
    },
  };
}

async function all(set: ImageSet, order?: readonly number[]): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  for await (const batch of set.batches(10, { order })) batches.push(batch);
  return batches;
}

describe('decodedSet', () => {
  it('goes through the images once, and gives them as often as they are asked for', async () => {
    const source = counted(tensorSet('noise', pixels, labels, ids));
    const decoded = await decodedSet(source);
    expect([decoded.name, decoded.count]).toEqual(['noise', 37]);
    const plain = tensorSet('noise', pixels, labels, ids);
    expect(await all(decoded)).toEqual(await all(plain));
    expect(await all(decoded, [5, 5, 36])).toEqual(await all(plain, [5, 5, 36]));
    expect(source.passes).toBe(1);
  });

  it('has no labels where an image has none, and counts only what was decoded', async () => {
    const some: ImageSet = {
      name: 'some',
      count: 3,
      // One of three cannot be decoded.
      async *batches() {
        for await (const { images, ids: names } of tensorSet('x', pixels).batches(2)) {
          return void (yield { images, ids: names });
        }
      },
    };
    const decoded = await decodedSet(some);
    expect(decoded.count).toBe(2);
    const [batch] = await all(decoded);
    expect(batch!.labels).toBeUndefined();
    expect(batch!.ids).toEqual(['0', '1']);
  });

  it('leaves a set as it is that would take too much memory', async () => {
    const source = counted(tensorSet('noise', pixels));
    expect(await decodedSet(source, { mostBytes: 4 * 37 * 12 - 1 })).toBe(source);
    expect(await decodedSet(source, { mostBytes: 4 * 37 * 12 })).not.toBe(source);
  });

  it('can be aborted, and tells how far it is', async () => {
    const signal = AbortSignal.abort();
    await expect(decodedSet(counted(tensorSet('noise', pixels)), { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    const done: number[] = [];
    await decodedSet(counted(tensorSet('noise', pixels)), { onProgress: (event) => done.push(event.done) });
    expect(done).toEqual([16, 32, 37]);
  });
});
