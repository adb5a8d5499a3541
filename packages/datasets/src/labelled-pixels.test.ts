import { describe, expect, it } from 'vitest';
import { small } from '../test/preprocessing.js';
import type { ImageBatch } from './batches.js';
import type { ImageSet } from './image-set.js';
import { pixelSet, takePixels, type LabelledPixels } from './labelled-pixels.js';

const preprocessing = {
  ...small,
  height: 2,
  width: 2,
  mean: [0.1, 0.2, 0.3],
  std: [0.5, 0.25, 2],
} as const;

const grey: LabelledPixels = {
  name: 'grey',
  classNames: ['a', 'b', 'c'],
  channels: 1,
  size: 2,
  pixels: Uint8Array.from({ length: 20 }, (_, i) => i * 12),
  labels: Uint8Array.of(2, 1, 0, 1, 2),
};
const coloured: LabelledPixels = {
  ...grey,
  name: 'coloured',
  channels: 3,
  pixels: Uint8Array.from({ length: 60 }, (_, i) => 255 - i * 4),
};

async function batchesOf(set: ImageSet, batchSize: number, order?: readonly number[]): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  for await (const batch of set.batches(batchSize, { order })) batches.push(batch);
  return batches;
}
const valuesOf = (batches: readonly ImageBatch[]) => batches.flatMap(({ images }) => [...images.data]);

/** (byte / 255 - mean) / std, for image `index` and each of the three channels. */
function expectedValues({ channels, pixels }: LabelledPixels, index: number): number[] {
  return [0, 1, 2].flatMap((channel) => {
    const start = (index * channels + (channels === 1 ? 0 : channel)) * 4;
    const { mean, std } = preprocessing;
    return [...pixels.subarray(start, start + 4)].map(
      (byte) => (byte / 255 - mean[channel]!) / std[channel]!,
    );
  });
}

function expectValues(got: readonly number[], expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
}

describe('pixelSet', () => {
  it.each([grey, coloured])('normalises $name images, each channel by its own mean and std', async (set) => {
    const images = pixelSet(set, preprocessing);
    expect(images).toMatchObject({ name: set.name, count: 5 });
    const batches = await batchesOf(images, 2);
    expect(batches.map((batch) => batch.images.shape)).toEqual([
      [2, 3, 2, 2],
      [2, 3, 2, 2],
      [1, 3, 2, 2],
    ]);
    expectValues(
      valuesOf(batches),
      [0, 1, 2, 3, 4].flatMap((index) => expectedValues(set, index)),
    );
    expect(batches.flatMap(({ labels }) => [...labels!])).toEqual([2, 1, 0, 1, 2]);
    expect(batches.flatMap(({ ids }) => ids)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('gives the images of an order, with their labels and ids', async () => {
    const batches = await batchesOf(pixelSet(grey, preprocessing), 3, [4, 0, 0, 2]);
    expect(batches.map(({ ids }) => ids)).toEqual([['4', '0', '0'], ['2']]);
    expect(batches.map(({ labels }) => [...labels!])).toEqual([[2, 2, 2], [0]]);
    expectValues(
      valuesOf(batches),
      [4, 0, 0, 2].flatMap((index) => expectedValues(grey, index)),
    );
    expect(await batchesOf(pixelSet(grey, preprocessing), 3, [])).toEqual([]);
  });

  it('ends with ABORTED when the caller aborts', async () => {
    const controller = new AbortController();
    const ids: string[] = [];
    const pass = async () => {
      for await (const batch of pixelSet(grey, preprocessing).batches(2, { signal: controller.signal })) {
        ids.push(...batch.ids);
        controller.abort();
      }
    };
    await expect(pass()).rejects.toMatchObject({ code: 'ABORTED' });
    expect(ids).toEqual(['0', '1']);
  });

  it.each<[string, string, () => unknown]>([
    ['images of another size', 'SHAPE_MISMATCH', () => pixelSet(grey, small)],
    [
      'a byte too few',
      'SHAPE_MISMATCH',
      () => pixelSet({ ...grey, pixels: grey.pixels.subarray(1) }, preprocessing),
    ],
    [
      'a label that is no class',
      'DATA_INVALID',
      () => pixelSet({ ...grey, classNames: ['a'] }, preprocessing),
    ],
    [
      'an impossible preprocessing',
      'INVALID_ARGUMENT',
      () => pixelSet(grey, { ...preprocessing, std: [0, 1, 1] }),
    ],
    ['a batch size of 0', 'INVALID_ARGUMENT', () => pixelSet(grey, preprocessing).batches(0)],
    [
      'an index behind the last',
      'INVALID_ARGUMENT',
      () => pixelSet(grey, preprocessing).batches(2, { order: [0, 5] }),
    ],
  ])('refuses %s', (_, code, use) => {
    expect(use).toThrow(expect.objectContaining({ code }));
  });
});

describe('takePixels', () => {
  it('takes images with their labels, in the order asked for', () => {
    expect(takePixels(coloured, [3, 1])).toEqual({
      ...coloured,
      pixels: Uint8Array.of(...coloured.pixels.subarray(36, 48), ...coloured.pixels.subarray(12, 24)),
      labels: Uint8Array.of(1, 1),
    });
    expect(takePixels(grey, [0], 'first')).toMatchObject({ name: 'first', labels: Uint8Array.of(2) });
  });

  it.each([-1, 5, 0.5, Number.NaN])('refuses index %d', (index) => {
    expect(() => takePixels(grey, [0, index])).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `takePixels: expected indices of 5 images (0 to 4), got ${index} at place 1`,
      }),
    );
  });
});
